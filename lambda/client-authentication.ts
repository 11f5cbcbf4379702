/**
 * How this client shows the provider who it is. What that takes (a secret, a key or nothing) is
 * decided here, for the functions (lambda/) and for their deployment (lib/). Imports nothing.
 */

/**
 * What a client shows at the token endpoint (OpenID Connect Core 9).
 *
 * - `client_secret_basic`, `client_secret_post`: a secret that the provider made -
 * `private_key_jwt`: a JWT that a KMS key of the stack has signed (RFC 7523 section 2.2) -
 * `signed_client_secret`: such a JWT in the place of the secret. Apple alone wants that ("Creating
 *   a client secret", Apple Developer Documentation)
 * - `none`: nothing but its id; PKCE is required then (RFC 9700 section 2.1.1)
 */
export const CLIENT_AUTHENTICATIONS = [
  "client_secret_basic",
  "client_secret_post",
  "private_key_jwt",
  "signed_client_secret",
  "none",
] as const;

export type ClientAuthenticationMethod = (typeof CLIENT_AUTHENTICATIONS)[number];

/** JOSE `alg` of what the client signs (RFC 7518 section 3.1). */
export const CLIENT_SIGNING_ALGS = ["ES256", "PS256", "RS256"] as const;

export type ClientSigningAlg = (typeof CLIENT_SIGNING_ALGS)[number];

/** The same in the words of KMS ("Asymmetric key specs", AWS KMS Developer Guide). */
export const KMS_SIGNING = {
  ES256: { keySpec: "ECC_NIST_P256", algorithm: "ECDSA_SHA_256" },
  PS256: { keySpec: "RSA_2048", algorithm: "RSASSA_PSS_SHA_256" },
  RS256: { keySpec: "RSA_2048", algorithm: "RSASSA_PKCS1_V1_5_SHA_256" },
} as const;

/** `aud` of what the client signs. */
export const CLIENT_ASSERTION_AUDIENCES = ["issuer", "token_endpoint"] as const;

/** The keys of the stack that sign as this client. */
export interface ClientSigning {
  /**
   * Names of the keys, of letters and digits. The first one signs; the others stand ready, or are
   * on their way out. With `signed_client_secret` they are the provider's own ids of the keys.
   * @default ["1"]
   */
  readonly keys?: readonly string[];
  /**
   * Of all of them; a key is made for one and keeps it.
   * @default ES256
   */
  readonly alg?: ClientSigningAlg;
  /**
   * `private_key_jwt` only.
   * @default issuer, as draft-ietf-oauth-rfc7523bis asks for
   */
  readonly audience?: (typeof CLIENT_ASSERTION_AUDIENCES)[number];
  /**
   * `signed_client_secret` only, and required there: `iss`, Apple's team id. Keys are then imported
   * into KMS, since the provider has made them.
   */
  readonly teamId?: string;
}

interface Settings {
  readonly profile: "rollup" | "oidc";
  readonly clientAuthentication?: ClientAuthenticationMethod;
  readonly clientSigning?: ClientSigning;
}

/** Rollup ID takes the secret in the form body only; else OpenID Connect Core 9 has the default. */
export function clientAuthenticationOf(settings: Settings): ClientAuthenticationMethod {
  return settings.profile === "rollup"
    ? "client_secret_post"
    : (settings.clientAuthentication ?? "client_secret_basic");
}

/** As discovery documents name it: a secret that is a JWT travels like any other. */
export function listedMethodOf(method: ClientAuthenticationMethod): string {
  return method === "signed_client_secret" ? "client_secret_post" : method;
}

/** What a deployment must have, and what a function that talks to the provider may use. */
export type ClientCredential = "secret" | "key" | "none";

const CREDENTIALS: Readonly<Record<ClientAuthenticationMethod, ClientCredential>> = {
  client_secret_basic: "secret",
  client_secret_post: "secret",
  private_key_jwt: "key",
  signed_client_secret: "key",
  none: "none",
};

export function clientCredentialOf(settings: Settings): ClientCredential {
  return CREDENTIALS[clientAuthenticationOf(settings)];
}

export type ClientKeys = Required<Pick<ClientSigning, "keys" | "alg">> & {
  /** The provider made them, so it knows them: they are imported, and not published. */
  readonly areImported: boolean;
};

/**
 * The keys that a deployment has; undefined: none. A stage may have them before it signs with them,
 * so that the provider learns of them first.
 */
export function clientKeysOf(settings: Settings): ClientKeys | undefined {
  const { clientSigning } = settings;
  if (clientSigning === undefined && clientCredentialOf(settings) !== "key") {
    return undefined;
  }
  const { keys = ["1"], alg = "ES256", teamId } = clientSigning ?? {};
  return { keys, alg, areImported: teamId !== undefined };
}
