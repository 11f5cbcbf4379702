/**
 * Every environment variable of every function: its name, its meaning, its reader. Imports types
 * only. `lib/` imports the types only, so a function cannot be deployed with a name that its
 * handler does not read.
 */
import type {
  CLIENT_AUTHENTICATIONS,
  ID_TOKEN_ALGS,
  REFRESH_TOKEN_FORMATS,
  ROTATIONS,
} from "./facts";
import type { Limits } from "./limits";
import type { TimeLimits } from "./time-limits";

/**
 * What is known about the identity provider; not secret. JSON in `IDP_SETTINGS`, written by the
 * stage.
 */
export interface IdpSettings extends Partial<TimeLimits> {
  readonly profile: "rollup" | "oidc";
  /** Compared as a string with `iss` (OIDC Core 3.1.3.7). */
  readonly issuer: string;
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
  /** `oidc` only (OIDC Core 9); Rollup ID reads the secret from the form body alone. */
  readonly clientAuthentication?: (typeof CLIENT_AUTHENTICATIONS)[number];
  /**
   * `oidc` only: `jwt` when refresh tokens are JWTs signed with the ID token keys, else `opaque`.
   */
  readonly refreshTokenFormat?: (typeof REFRESH_TOKEN_FORMATS)[number];
  /**
   * `oidc` only: none = same token for ever; grace = the old one works for 25 s at least (decision
   * 0023); strict = one use.
   */
  readonly refreshTokenRotation?: (typeof ROTATIONS)[number];
  /**
   * `oidc` only: a refresh token that nobody used for so long lapses. Grants are then renewed after
   * half of it.
   * @default never
   */
  readonly refreshTokenIdleSeconds?: number;
  /** How far its clock may be off ours, either way: 0 to 300. @default 60 */
  readonly clockToleranceSeconds?: number;
  /** `oidc` only: `exp - iat` of an ID token at most. @default 86,400 */
  readonly idTokenMaxLifetimeSeconds?: number;
  /**
   * `oidc` only: how long after its `iat` an ID token is taken as a bearer, if `exp` is later.
   * @default 3,600
   */
  readonly idTokenMaxAgeSeconds?: number;
  /**
   * `oidc` only: claims that this provider's ID tokens have and its access tokens, where they are
   * JWTs for our client id, have not. One that has `at_hash`, `c_hash`, `typ: "ID"` or `token_use:
   * "id"` may have any of them, and one with nothing else of an access token may have `scope`
   * (decision 0034).
   * @default none
   */
  readonly idTokenAllowedClaims?: readonly ("scope" | "scp" | "client_id")[];
  /**
   * `oidc` only: audiences that may stand in `aud` beside our client id; `azp` must then be there.
   * @default none
   */
  readonly trustedAudiences?: readonly string[];
  /**
   * `oidc` only: client ids of our own apps, which `azp` may name in the place of ours. With any
   * list, `azp` is judged wherever it is there.
   * @default none, and `azp` is ignored where `aud` is our client id alone
   */
  readonly trustedAzp?: readonly string[];
  /**
   * `oidc` only: a grant that has failed for so long while others work is told to sign in (decision
   * 0032).
   * @default 21,600
   */
  readonly failingGrantSeconds?: number;
}

export type IdTokenSigningAlg = (typeof ID_TOKEN_ALGS)[number];

/** How long sessions last; JSON in `SESSION_SETTINGS`, written by the stage. */
export interface SessionSettings {
  /** A session that nobody used for this long is over. */
  readonly idleSeconds: number;
  /** A session is over after this long, however busy it was. */
  readonly absoluteSeconds: number;
  /** How tokens travel. @default bearer */
  readonly transport?: "bearer" | "cookie";
  /** For cookies: origins of the frontends, which alone may change anything with one. */
  readonly origins?: readonly string[];
}

export interface Environment {
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
  /** Of the queue of tasks for the recovery function. */
  readonly RECOVERY_QUEUE_URL: string;
  /** Of the queue of those that have to be worked at in their order (SQS FIFO). */
  readonly ORDERED_RECOVERY_QUEUE_URL: string;
  /** Where the provider may send users back to, exactly; JSON. */
  readonly REDIRECT_URIS: readonly string[];
  /** Address of this very API, with a slash at its end. */
  readonly API_URL: string;
  /** ARNs of the IAM roles that may call the service route; JSON. */
  readonly SERVICE_ROLE_ARNS: readonly string[];
  /** Every route key of the API, as JSON (`["GET /me", …]`): what tells 404 from 405. */
  readonly ROUTES: readonly string[];
}

export type EnvironmentName = keyof Environment;

const JSON_VALUED: ReadonlySet<EnvironmentName> = new Set([
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
