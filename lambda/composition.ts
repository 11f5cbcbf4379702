/**
 * Composes adapters with their configuration, once for all functions and for the admin command.
 *
 * Each part is an exported function of a {@link Base}. A bundle has only the parts that its
 * handler uses (esbuild drops the others). A part reads its environment variables when it is first
 * used, so a function reads exactly those that lib/ grants it. Client authentication and opener
 * are made once for each base, so that their caches are shared.
 *
 * @example
 * const base = createBase(readVariable);
 * const dependencies = { grants: grantStore(base), ended: endedMarks(base), clock: base.clock };
 */
import { createIdTokenVerifier } from "./auth/id-token-verifier";
import { createKeySet } from "./auth/key-set";
import { createRefreshTokenVerifier } from "./auth/refresh-token-verifier";
import { sessionTokens } from "./auth/session-token";
import {
  clientAuthenticationOf,
  type ClientCredential,
  clientCredentialOf,
  clientKeysOf,
} from "./client-authentication";
import type { Environment, EnvironmentName, IdpSettings } from "./env";
import { createDueAt, type DueAt } from "./grant/phase";
import { createAuthenticate } from "./http/authenticate";
import { createSessionTransport } from "./http/session-transport";
import { createPublicClient, createSecretAuthentication } from "./idp/client-authentication";
import { createClientSecretSource, createSecretsManagerClient } from "./idp/client-secret";
import { createIdentity, pickUserinfoOf } from "./idp/identity";
import { createKeyAuthentication } from "./idp/key-authentication";
import { createProfile } from "./idp/profile";
import { createRevocationEndpoint, createTokenEndpoint } from "./idp/token-endpoint";
import { createUserinfo } from "./idp/userinfo";
import { createKmsClient } from "./kms/client";
import { createKmsOpener } from "./kms/kms-opener";
import { createKmsSealer, type KmsCipherOptions } from "./kms/kms-sealer";
import { createKmsSigner } from "./kms/kms-signer";
import { systemClock } from "./platform/clock";
import { createHttpClient } from "./platform/http-client";
import { createLogger } from "./platform/logger";
import { metered } from "./platform/meter";
import { systemRandom } from "./platform/random";
import type { AwsAccess, AwsService } from "./platform/sdk";
import type { Opener } from "./ports/crypto";
import type { HttpClient } from "./ports/http-client";
import type { IdpProfile } from "./ports/profile";
import type { ClientAuthentication, TokenEndpoint, Userinfo } from "./ports/provider";
import type { Recovery, RenewalQueue } from "./ports/queues";
import type { Clock, Logger } from "./ports/runtime";
import { createSqsClient, createSqsRecovery, createSqsRenewals } from "./queue/sqs-recovery";
import type { RevokeDependencies } from "./refresh/revoke";
import { createWatch } from "./refresh/watch";
import { createDocumentClient, type TableOptions } from "./store/dynamodb";
import { createEndedMarks } from "./store/ended-marks";
import { createGrantStore } from "./store/grant-store";
import { createIssuanceReader } from "./store/issuance";
import type { LastingAttribute } from "./store/lasting-attributes";
import { createSessionStore } from "./store/session-store";
import { timeLimitsOf } from "./time-limits";
import {
  createRefreshCheck,
  createSignatureCheck,
  type OwnershipCheck,
} from "./use-cases/refresh-token";
import { createResolveSession } from "./use-cases/sessions";

/**
 * Reads a setting: `readVariable` of env.ts, or the operator's outputs.
 * @throws Error for a missing one
 */
export type ReadVariable = <N extends EnvironmentName>(name: N) => Environment[N];

/** By service. The default is the environment's region, endpoint and credentials. */
export type AwsAccesses = Readonly<Partial<Record<AwsService, AwsAccess>>>;

/** What every function has, except the health check. */
export interface Base {
  readonly read: ReadVariable;
  readonly aws: AwsAccesses;
  readonly settings: IdpSettings;
  readonly profile: IdpProfile;
  /** Undefined where no grant of this provider is ever due. */
  readonly dueAt: DueAt | undefined;
  readonly client: TableOptions["client"];
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Parts made so far, by the function that makes them. */
  readonly parts: Map<unknown, unknown>;
}

/** @param log @default lines that are metrics, too */
export function createBase(
  read: ReadVariable,
  aws: AwsAccesses = {},
  log = createLogger({ clock: systemClock, namespace: read("METRICS_NAMESPACE") }),
): Base {
  const settings = read("IDP_SETTINGS");
  const profile = createProfile(settings);
  return {
    read,
    aws,
    settings,
    profile,
    dueAt: createDueAt(profile),
    client: createDocumentClient(aws.dynamodb),
    http: metered(createHttpClient()),
    clock: systemClock,
    log,
    parts: new Map(),
  };
}

/** Makes a part at its first use, and returns the same one afterwards. */
function once<T>(base: Base, make: (base: Base) => T): T {
  const { parts } = base;
  if (!parts.has(make)) {
    parts.set(make, make(base));
  }
  return parts.get(make) as T;
}

export function usersTable({ read, client }: Base): TableOptions {
  return { table: read("USERS_TABLE"), client };
}

export function refreshTokensTable({ read, client }: Base): TableOptions {
  return { table: read("REFRESH_TOKENS_TABLE"), client };
}

/** The form of the subjects of this provider. */
export function subPattern({ settings }: Base): RegExp {
  return createIdentity(settings).idToken.subPattern;
}

export function sessionStore({ read, client }: Base) {
  return createSessionStore({ table: read("SESSIONS_TABLE"), client });
}

/** @param lasting attributes that this function's role may change (lasting-attributes.ts) */
export function grantStore(base: Base, lasting: readonly LastingAttribute[] = []) {
  const options = { ...refreshTokensTable(base), dueAt: base.dueAt, lasting };
  return once(base, createWatch).grants(createGrantStore(options));
}

export function endedMarks(base: Base) {
  return createEndedMarks(refreshTokensTable(base));
}

export function issuanceReader(base: Base) {
  const options = { ...refreshTokensTable(base), clock: base.clock };
  return once(base, createWatch).issuance(createIssuanceReader(options));
}

export function sealer(base: Base) {
  return createKmsSealer(once(base, cipher));
}

export function opener(base: Base): Opener {
  return once(base, createOpener);
}

function createOpener(base: Base): Opener {
  return createKmsOpener(once(base, cipher));
}

function cipher({ read, aws, settings }: Base): KmsCipherOptions {
  return {
    keyArn: read("GRANT_KEY_ARN"),
    deployment: settings,
    client: createKmsClient(aws.kms),
  };
}

export function clientAuthentication(base: Base): ClientAuthentication {
  return once(base, createClientAuthentication);
}

/**
 * A constant of the bundler (lib/bundling.ts), so that a bundle has the code for one credential
 * alone. Not there in tests and commands, which have it for all.
 */
declare const BUNDLED_CREDENTIAL: ClientCredential | undefined;

/**
 * Only what the stage's method takes is read, and granted. The bundler sees through a comparison of
 * the constant and through nothing more, so each branch has one, first.
 */
function createClientAuthentication(base: Base): ClientAuthentication {
  const credential = clientCredentialOf(base.settings);
  if (
    (typeof BUNDLED_CREDENTIAL === "undefined" || BUNDLED_CREDENTIAL === "secret") &&
    credential === "secret"
  ) {
    return secretAuthentication(base);
  }
  if (
    (typeof BUNDLED_CREDENTIAL === "undefined" || BUNDLED_CREDENTIAL === "key") &&
    credential === "key"
  ) {
    return keyAuthentication(base);
  }
  if (
    (typeof BUNDLED_CREDENTIAL === "undefined" || BUNDLED_CREDENTIAL === "none") &&
    credential === "none"
  ) {
    return createPublicClient(base.settings.clientId);
  }
  throw new Error("this bundle was made for another idp.clientAuthentication");
}

function secretAuthentication({ read, aws, clock, settings }: Base): ClientAuthentication {
  return createSecretAuthentication({
    clientId: settings.clientId,
    isBasic: clientAuthenticationOf(settings) === "client_secret_basic",
    source: createClientSecretSource({
      arn: read("CLIENT_SECRET_ARN"),
      client: createSecretsManagerClient(aws.secretsmanager),
      clock,
    }),
  });
}

function keyAuthentication({ read, aws, clock, settings }: Base): ClientAuthentication {
  const signer = createKmsSigner({
    keyArn: read("CLIENT_SIGNING_KEY_ARN"),
    alg: clientKeysOf(settings)?.alg ?? "ES256",
    client: createKmsClient(aws.kms),
  });
  return createKeyAuthentication({ settings, signer, clock, random: systemRandom });
}

export function tokenEndpoint(base: Base): TokenEndpoint {
  return createTokenEndpoint(base);
}

/** Undefined where the stage names no UserInfo endpoint. */
export function userinfo({ settings, http }: Base): Userinfo | undefined {
  const { userinfoEndpoint: url } = settings;
  return url === undefined
    ? undefined
    : createUserinfo({ url, pickUserinfo: pickUserinfoOf(settings), http });
}

/**
 * What it takes to revoke a refresh token (RFC 7009); undefined where the provider has no
 * revocation endpoint. Only there are key and credentials read, and granted.
 */
export function revocation(base: Base): RevokeDependencies | undefined {
  return base.settings.revocationEndpoint === undefined
    ? undefined
    : {
        opener: opener(base),
        tokenEndpoint: createRevocationEndpoint(base),
        clientAuthentication: clientAuthentication(base),
      };
}

/** The queues' addresses are read, and granted, only where the provider rotates refresh tokens. */
export function recoveryQueue({ read, aws, profile }: Base): Recovery | undefined {
  return profile.refreshToken.rotation === "none"
    ? undefined
    : createSqsRecovery({
        url: read("RECOVERY_QUEUE_URL"),
        orderedUrl: read("ORDERED_RECOVERY_QUEUE_URL"),
        client: createSqsClient(aws.sqs),
      });
}

/** Undefined where no grant of this provider is ever due: then there is no queue. */
export function renewalQueue({ read, aws, dueAt }: Base): RenewalQueue | undefined {
  return dueAt === undefined
    ? undefined
    : createSqsRenewals({ url: read("RECOVERY_QUEUE_URL"), client: createSqsClient(aws.sqs) });
}

/** What every function needs that authenticates users, by ID token or by session. */
export function authentication(base: Base) {
  const { read, settings, http, clock } = base;
  const identity = createIdentity(settings);
  const keySet = createKeySet({
    jwksUri: settings.jwksUri,
    algs: identity.idToken.algs,
    timeoutMs: timeLimitsOf(settings).jwksTimeoutMs,
    http,
    clock,
  });
  const verification = { settings, identity, keySet, clock };
  const verifier = createIdTokenVerifier(verification);
  const sessionSettings = read("SESSION_SETTINGS");
  const sessions = {
    sessions: sessionStore(base),
    tokens: sessionTokens,
    limits: sessionSettings,
    clock,
  };
  const resolve = createResolveSession(sessions);
  const transport = createSessionTransport(sessionSettings);
  return {
    limits: read("LIMITS"),
    idTokenPolicy: identity.idToken,
    verification,
    verifier,
    sessions,
    resolve,
    transport,
    authenticate: createAuthenticate({
      verifier,
      sessions: { tokens: sessionTokens, resolve, transport },
    }),
  };
}

/**
 * Shows that a refresh token that is handed in is the caller's: by its signature, or, where the
 * provider's are opaque, by one refresh. Only then are the credentials read, and granted.
 */
export function ownershipCheck(
  base: Base,
  { verification }: Pick<ReturnType<typeof authentication>, "verification">,
): OwnershipCheck {
  return base.profile.refreshToken.format === "jwt"
    ? createSignatureCheck(createRefreshTokenVerifier(verification))
    : createRefreshCheck({
        tokenEndpoint: tokenEndpoint(base),
        clientAuthentication: clientAuthentication(base),
        userinfo: userinfo(base),
      });
}
