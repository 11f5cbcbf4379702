/**
 * What Rollup ID says of itself, with what it leaves out and with what it claims and does not do.
 */

export function discovery(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post"],
    token_endpoint_auth_signing_alg_values_supported: ["ES256"],
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: ["openid", "profile", "email"],
    response_types_supported: ["code"],
    subject_types_supported: ["public", "pairwise"],
    userinfo_signing_alg_values_supported: ["ES256"],
    id_token_signing_alg_values_supported: ["ES256"],
    request_object_signing_alg_values_supported: ["ES256"],
    claims_supported: ["sub", "iss"],
    service_documentation: "https://docs.rollup.id",
  };
}
