import type { Discovery, FoundKey } from "../../../lib/provider/discovery";

const ISSUER = "https://op.example";

export const RSA: FoundKey = { kty: "RSA", alg: "RS256", isForSigning: true, usableFor: ["RS256"] };
export const EC: FoundKey = {
  kty: "EC",
  crv: "P-256",
  alg: "ES256",
  isForSigning: true,
  usableFor: ["ES256"],
};

/** A provider that says all that can be said, and nothing that is in the way. */
export function found(more: Partial<Discovery> = {}): Discovery {
  return {
    issuer: ISSUER,
    authorizationEndpoint: `${ISSUER}/authorize`,
    tokenEndpoint: `${ISSUER}/token`,
    jwksUri: `${ISSUER}/keys`,
    userinfoEndpoint: `${ISSUER}/userinfo`,
    revocationEndpoint: `${ISSUER}/revoke`,
    endSessionEndpoint: `${ISSUER}/logout`,
    idTokenAlgs: ["RS256"],
    idTokenEncryptionAlgs: undefined,
    clientAuthentications: ["client_secret_basic", "client_secret_post"],
    grantTypes: ["authorization_code", "refresh_token"],
    responseTypes: ["code"],
    scopes: ["openid", "profile", "email", "offline_access"],
    claims: ["sub"],
    challengeMethods: ["S256"],
    subjectTypes: ["public"],
    sendsIssuer: true,
    requiresPushedRequests: false,
    keys: [RSA],
    ...more,
  };
}

/** Says nothing but what OpenID Connect Discovery 1.0 section 3 requires. */
export function terse(more: Partial<Discovery> = {}): Discovery {
  return found({
    userinfoEndpoint: undefined,
    revocationEndpoint: undefined,
    endSessionEndpoint: undefined,
    clientAuthentications: undefined,
    grantTypes: undefined,
    scopes: undefined,
    claims: undefined,
    challengeMethods: undefined,
    sendsIssuer: false,
    ...more,
  });
}
