/**
 * Every environment variable of every function: name, meaning and reader. lib/ imports the types,
 * so that a function cannot be deployed with a variable that no handler knows. Imports types only.
 */
import type {
  ClientAuthenticationMethod,
  ClientSigning,
  ClientSigningAlg,
} from "./client-authentication";
import type { ID_TOKEN_ALGS, REFRESH_TOKEN_FORMATS, ROTATIONS } from "./facts";
import type { Limits } from "./limits";
import type { TimeLimits } from "./time-limits";

/**
 * The settings of the identity provider; not secret. JSON in `IDP_SETTINGS`, written by the stage.
 */
export interface IdpSettings extends Partial<TimeLimits> {
  readonly profile: "rollup" | "oidc";
  /**
   * Compared as a string with `iss` (OIDC Core 3.1.3.7). Every ciphertext is bound to it, so it
   * never changes.
   */
  readonly issuer: string;
  /**
   * `oidc` only: what else its tokens call this issuer in `iss`; Google says `accounts.google.com`
   * in some ("OpenID Connect API Reference", `issuer`). Other spellings, never another issuer:
   * `sub` is unique within one issuer only (OIDC Core 2), and one `sub` is one user here, whatever
   * the spelling.
   * @default none
   */
  readonly acceptedIssuers?: readonly string[];
  readonly clientId: string;
  readonly jwksUri: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint?: string;
  /** RFC 7009. Rollup ID has none. */
  readonly revocationEndpoint?: string;
  /**
   * JOSE `alg` values that an ID token may be signed with. The `rollup` profile has exactly ES256.
   */
  readonly idTokenSigningAlgs: readonly IdTokenSigningAlg[];
  /**
   * `oidc` only (OIDC Core 9); Rollup ID accepts the secret in the form body only.
   * @default client_secret_basic
   */
  readonly clientAuthentication?: ClientAuthenticationMethod;
  /**
   * `oidc` only: keys that sign as this client.
   * @default one key with `private_key_jwt`, else none
   */
  readonly clientSigning?: ClientSigning;
  /**
   * `oidc` only: `jwt` where refresh tokens are JWTs signed with the keys of ID tokens.
   * @default opaque
   */
  readonly refreshTokenFormat?: (typeof REFRESH_TOKEN_FORMATS)[number];
  /**
   * `oidc` only: what a refresh does to the refresh token (`ROTATIONS` in facts.ts).
   * @default strict
   */
  readonly refreshTokenRotation?: (typeof ROTATIONS)[number];
  /**
   * `oidc` only: seconds unused after which a refresh token lapses; 1,374 at least (deadlines.ts).
   * Grants are then refreshed after half of it, five a second: so 2.5 times as many unused grants
   * as this number can be kept, 4,500 at Keycloak's default of 1,800 seconds.
   * @default never
   */
  readonly refreshTokenIdleSeconds?: number;
  /**
   * Seconds by which its clock may differ, either way: 0 to 300.
   * @default 60
   */
  readonly clockToleranceSeconds?: number;
  /**
   * `oidc` only: the largest `exp - iat` of an ID token, in seconds.
   * @default 86,400
   */
  readonly idTokenMaxLifetimeSeconds?: number;
  /**
   * `oidc` only: seconds after `iat` for which an ID token is accepted as a bearer, and may open a
   * session, if `exp` is later.
   * @default 3,600
   */
  readonly idTokenMaxAgeSeconds?: number;
  /**
   * `oidc` only: claims that this provider's ID tokens have, and its access tokens for this client
   * have not. A token with `at_hash`, `c_hash`, `typ: "ID"` or `token_use: "id"` may have any of
   * them; one with nothing else of an access token may have `scope` (decision 0034).
   * @default none
   */
  readonly idTokenAllowedClaims?: readonly ("scope" | "scp" | "client_id")[];
  /**
   * `oidc` only: audiences that `aud` may have besides this client; `azp` is required then.
   * @default none
   */
  readonly trustedAudiences?: readonly string[];
  /**
   * `oidc` only: client ids of the owner's other apps, which `azp` may have. With any list, `azp`
   * is checked wherever it is present.
   * @default none, and `azp` is ignored where `aud` is this client alone
   */
  readonly trustedAzp?: readonly string[];
  /**
   * `oidc` only: seconds after which a grant that fails while others succeed asks its user to sign
   * in (decision 0032).
   * @default 21,600
   */
  readonly failingGrantSeconds?: number;
  /**
   * `oidc` only: parameters of the authorization request without which no refresh token comes. A
   * sign-in that brings none names them.
   * @default none is known
   */
  readonly refreshTokenParameters?: Readonly<Record<string, string>>;
}

type IdTokenSigningAlg = (typeof ID_TOKEN_ALGS)[number];

/** How long sessions last; JSON in `SESSION_SETTINGS`, written by the stage. */
export interface SessionSettings {
  /** Seconds unused after which a session is over. */
  readonly idleSeconds: number;
  /** Seconds after which a session is over in any case. */
  readonly absoluteSeconds: number;
  /**
   * How session tokens travel.
   * @default bearer
   */
  readonly transport?: "bearer" | "cookie";
  /**
   * For cookies: the origins of the frontends, the only ones from which a request may do more than
   * read.
   */
  readonly origins?: readonly string[];
}

export interface Environment {
  /** CloudWatch's namespace of this stage's metrics. */
  readonly METRICS_NAMESPACE: string;
  /** JSON, see {@link IdpSettings}. */
  readonly IDP_SETTINGS: IdpSettings;
  /** DynamoDB table names. */
  readonly USERS_TABLE: string;
  readonly REFRESH_TOKENS_TABLE: string;
  readonly SESSIONS_TABLE: string;
  /** JSON, see {@link SessionSettings}. */
  readonly SESSION_SETTINGS: SessionSettings;
  /** JSON, see {@link Limits}. */
  readonly LIMITS: Limits;
  /** ARN of the KMS key that wraps the data keys of grants. */
  readonly GRANT_KEY_ARN: string;
  /** ARN of the Secrets Manager secret that holds the client secret as plain text. */
  readonly CLIENT_SECRET_ARN: string;
  /** ARN of the KMS key that signs as this client. */
  readonly CLIENT_SIGNING_KEY_ARN: string;
  /** ARNs of the KMS keys whose public halves are published; JSON. */
  readonly CLIENT_KEY_ARNS: readonly string[];
  /** JOSE `alg` of those keys. */
  readonly CLIENT_KEY_ALG: ClientSigningAlg;
  /** URL of the standard recovery queue. */
  readonly RECOVERY_QUEUE_URL: string;
  /** URL of the FIFO recovery queue. */
  readonly ORDERED_RECOVERY_QUEUE_URL: string;
  /** Redirect URIs, compared as strings; JSON. */
  readonly REDIRECT_URIS: readonly string[];
  /** Address of this API, with a slash at its end. */
  readonly API_URL: string;
  /** ARNs of the IAM roles that may call the service route; JSON. */
  readonly SERVICE_ROLE_ARNS: readonly string[];
  /** All route keys of the API, as JSON (`["GET /me", …]`): they tell 404 from 405. */
  readonly ROUTES: readonly string[];
}

export type EnvironmentName = keyof Environment;

const JSON_VALUED: ReadonlySet<EnvironmentName> = new Set([
  "CLIENT_KEY_ARNS",
  "IDP_SETTINGS",
  "LIMITS",
  "REDIRECT_URIS",
  "ROUTES",
  "SERVICE_ROLE_ARNS",
  "SESSION_SETTINGS",
]);

/**
 * Reads one variable. Handlers call it while their module loads, so that a wrong deployment fails
 * at init and never as an HTTP answer.
 * @throws Error naming the variable that is missing or is not JSON; never its value.
 */
export function readVariable<N extends EnvironmentName>(name: N): Environment[N] {
  return read(name, process.env[name]) as Environment[N];
}

function read(name: EnvironmentName, value: string | undefined): unknown {
  if (value === undefined || value === "") {
    throw new Error(`environment variable ${name} is missing`);
  }
  if (!JSON_VALUED.has(name)) {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`environment variable ${name} is not JSON`);
  }
}
