/**
 * Signing in: user stored, refresh token sealed, session opened, in this order and all before the
 * answer. The session comes last, so a sign-in that breaks off leaves no session that could be
 * used; repeating it heals, since each step replaces what an earlier attempt left.
 *
 * Invariant: the session is stored first, the user's record is read after it, and only then does
 * the token leave. So that read sees an erasure or a sign-out everywhere that began earlier, and
 * one that begins later finds the session and ends it.
 */
import { outdatedBy } from "../cutoff";
import {
  InternalError,
  InvalidRequestError,
  TooManyRequestsError,
  UnauthorizedError,
  UnavailableError,
} from "../errors";
import type { Grant } from "../grant/grant";
import {
  type AccessToken,
  type EpochMs,
  type Evidence,
  evidenceOf,
  type Session,
  type User,
  type VerifiedIdToken,
} from "../model";
import type { IdTokenPolicy } from "../ports/profile";
import type {
  AuthorizationCode,
  ClientAuthentication,
  ClientCredentials,
  CodeOutcome,
  TokenEndpoint,
} from "../ports/provider";
import type { Logger, Timer } from "../ports/runtime";
import type { EndedMarks, UserStore } from "../ports/stores";
import type { IdTokenVerifier } from "../ports/tokens";
import { reasonOf } from "../refresh/reason";
import type { Scopes } from "../scopes";
import type { Budget } from "./budget";
import {
  createBoundedCheck,
  createFindEarlierGrant,
  createStoreExchanged,
  createStoreRefreshToken,
  type StoreRefreshTokenDependencies,
} from "./refresh-token";
import { createKeepCap } from "./session-cap";
import {
  createEndSession,
  createOpenSession,
  type OpenedSession,
  type SessionDependencies,
} from "./sessions";
import { createPutUser } from "./users";

export interface SignInDependencies extends SessionDependencies, StoreRefreshTokenDependencies {
  readonly users: UserStore;
  readonly ended: Pick<EndedMarks, "read">;
  readonly verifier: Pick<IdTokenVerifier, "ready" | "verifyExchanged">;
  readonly tokenEndpoint: Pick<TokenEndpoint, "exchangeCode">;
  readonly clientAuthentication: ClientAuthentication;
  /** Redirect URIs of the stage; compared as strings (RFC 9700 section 4.1.3). */
  readonly redirectUris: readonly string[];
  /** Whether the provider can have issued this code: an impossible one costs no request. */
  readonly isPossibleCode: (code: string) => boolean;
  /** Whether an exchanged code may be exchanged again. */
  readonly isCodeReusable: boolean;
  readonly sessionsPerUser: number;
  /**
   * Per network: each code takes a token request with our credentials, and any client can send one.
   */
  readonly refusedCodes: Budget;
  /** Per user: each refresh token that is handed in takes a token request sooner or later. */
  readonly refreshTokens: Budget;
  readonly timer: Timer;
  readonly idTokenPolicy: Pick<
    IdTokenPolicy,
    "maxAgeSeconds" | "clockToleranceSeconds" | "isAdjustable"
  >;
}

export interface SignInCall {
  readonly by: string;
  readonly userAgent: string;
  /** The network that the request comes from: it counts as one client. */
  readonly network: string;
  /**
   * A session that came with the sign-in. It ends when the new one exists, so that no old token
   * gains by the sign-in.
   */
  readonly replaces: Session | undefined;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

export interface SignInResult extends OpenedSession {
  readonly user: User;
  readonly accessToken: AccessToken | undefined;
  readonly connection: Connection;
}

/** Whether a refresh token is there now, of this sign-in or of an earlier one. */
interface Connection {
  readonly connected: boolean;
  /** What its grant opens; undefined: not known. */
  readonly scopes?: Scopes;
}

/**
 * Signs in with an ID token that the caller already has, and a refresh token if there is one.
 * @throws InvalidRequestError; TooManyRequestsError `refresh_tokens`; UnauthorizedError
 * `invalid_lifetime`, `erased_user` or `signed_out`; UnavailableError; InternalError
 */
export function createSignInByIdToken(
  dependencies: Omit<
    SignInDependencies,
    | "verifier"
    | "tokenEndpoint"
    | "clientAuthentication"
    | "redirectUris"
    | "isCodeReusable"
    | "isPossibleCode"
    | "refusedCodes"
    | "timer"
  >,
) {
  const putUser = createPutUser(dependencies);
  const storeRefreshToken = createStoreRefreshToken(dependencies);
  const findEarlierGrant = createFindEarlierGrant(dependencies);
  const beginSession = createBeginSession(dependencies);
  // Storing runs the check again without the budget, so that one token is charged once.
  const bounded = createBoundedCheck(dependencies.ownership, dependencies.refreshTokens);

  return async (
    idToken: VerifiedIdToken,
    refreshToken: string | undefined,
    call: SignInCall,
  ): Promise<SignInResult> => {
    const { by } = call;
    assertRecent(dependencies, idToken);
    const evidence = evidenceOf(idToken);
    if (refreshToken !== undefined) {
      await bounded.precheck(refreshToken, idToken.sub);
    }
    const { user, erasure, signedOut } = await putUser(idToken, evidence);
    const grant =
      refreshToken === undefined
        ? await findEarlierGrant(evidence.sub)
        : await storeRefreshToken({ evidence, by, refreshToken, erasure, signedOut });
    const opened = await beginSession(evidence, call);
    return { ...opened, user, accessToken: undefined, connection: connectionOf(grant) };
  };
}

/**
 * Signs in with an authorization code, which a browser cannot exchange: that takes the credentials
 * of the client.
 * @throws InvalidRequestError `invalid_member`; TooManyRequestsError `refused_codes`;
 * UnauthorizedError, also `code_impossible`, `code_refused`, `code_in_doubt`, `code_spent` or
 * `nonce_mismatch`; UnavailableError; InternalError
 */
export function createSignInByCode(dependencies: SignInDependencies) {
  const { verifier, clientAuthentication, refusedCodes, clock } = dependencies;
  const putUser = createPutUser(dependencies);
  const storeExchanged = createStoreExchanged(dependencies);
  const findEarlierGrant = createFindEarlierGrant(dependencies);
  const beginSession = createBeginSession(dependencies);

  async function begin(
    outcome: CodeOutcome & { kind: "tokens" },
    { code, startedAt }: { readonly code: AuthorizationCode; readonly startedAt: EpochMs },
    call: SignInCall,
  ): Promise<SignInResult> {
    const { by, network } = call;
    const idToken = await verifyExchanged(dependencies, outcome.idToken, call.deadline);
    if (idToken.nonce !== code.nonce) {
      throw new UnauthorizedError("nonce_mismatch");
    }
    refusedCodes.giveBack(network);
    assertRecent(dependencies, idToken);
    const evidence = evidenceOfCode(idToken, startedAt);
    const { user, erasure, signedOut } = await putUser(idToken, evidence);
    // Left out, they are those that were asked for (RFC 6749 section 5.1).
    const { accessToken, refreshToken, scopes = code.scopes } = outcome;
    const stored = { evidence, by, accessToken, scopes, erasure, signedOut };
    const grant =
      refreshToken === undefined
        ? await findEarlierGrant(evidence.sub)
        : await storeExchanged({ ...stored, refreshToken });
    const opened = await beginSession(evidence, call);
    return { ...opened, user, accessToken, connection: connectionOf(grant) };
  }

  return async (code: AuthorizationCode, call: SignInCall): Promise<SignInResult> => {
    if (!dependencies.redirectUris.includes(code.redirectUri)) {
      throw new InvalidRequestError("invalid_member");
    }
    if (!dependencies.isPossibleCode(code.code)) {
      throw new UnauthorizedError("code_impossible");
    }
    // Both come before the code is spent: it works once, and after a failure here the same code can
    // be tried again.
    const [credentials] = await Promise.all([clientAuthentication.prepare(), verifier.ready()]);
    takeOne(refusedCodes, call.network);
    const startedAt = clock.now();
    const outcome = await exchange(dependencies, code, { credentials, log: call.log });
    try {
      return await begin(outcome, { code, startedAt }, call);
    } catch (error) {
      throw dependencies.isCodeReusable ? error : afterSpending(error, call.log);
    }
  };
}

function connectionOf(grant: Grant | undefined): Connection {
  return { connected: grant !== undefined, scopes: grant?.scopes };
}

/**
 * Milliseconds between attempts to find the key of an ID token whose code is spent: a provider may
 * sign a moment before it publishes the key.
 */
const KEY_PAUSES_MS = [500, 1_500];

/**
 * Only the provider can have made this token, so a key that is not known yet is no reason to lose
 * the sign-in.
 */
async function verifyExchanged(
  { verifier, timer, clock }: Pick<SignInDependencies, "verifier" | "timer" | "clock">,
  idToken: string,
  deadline: EpochMs,
): Promise<VerifiedIdToken> {
  for (const pause of KEY_PAUSES_MS) {
    try {
      return await verifier.verifyExchanged(idToken);
    } catch (error) {
      if (!isAboutKeys(error) || clock.now() + pause > deadline - STORE_RESERVE_MS) {
        throw error;
      }
      await timer.sleep(pause);
    }
  }
  return await verifier.verifyExchanged(idToken);
}

/**
 * Milliseconds of the function's time that are kept for another key set, and for all that a sign-in
 * stores.
 */
const STORE_RESERVE_MS = 8_000;

function isAboutKeys(error: unknown): boolean {
  return (
    (error instanceof UnauthorizedError && error.reason === "unknown_key") ||
    (error instanceof UnavailableError && error.reason === "key_set_unavailable")
  );
}

/**
 * A retry would send the same code, which is spent: only a new sign-in helps (RFC 6749 section
 * 4.1.2).
 */
function afterSpending(error: unknown, log: Logger): unknown {
  if (!(error instanceof UnavailableError)) {
    return error;
  }
  log.warn("sign_in_broken_off", reasonOf(error));
  return new UnauthorizedError("code_spent", { cause: error });
}

/** The longest lifetime of Rollup ID's ID tokens. */
const DEFAULT_MAX_AGE_SECONDS = 3_600;

/**
 * A session outlives the evidence that opens it, so the ID token must be new, however late its
 * `exp` is (S12). Its `iat` says so: the provider vouched for the user then. `auth_time` is not
 * judged. It is when the user last typed a password, long before a silent re-issue, and a client
 * checks it only where it asked for `max_age` (OpenID Connect Core 3.1.3.7, 13).
 */
function assertRecent(
  { clock, idTokenPolicy }: Pick<SignInDependencies, "clock" | "idTokenPolicy">,
  { issuedAt }: VerifiedIdToken,
): void {
  const { maxAgeSeconds = DEFAULT_MAX_AGE_SECONDS, clockToleranceSeconds } = idTokenPolicy;
  if (clock.now() - issuedAt > (maxAgeSeconds + clockToleranceSeconds) * 1000) {
    const setting = idTokenPolicy.isAdjustable === true ? "idp.idTokenMaxAgeSeconds" : undefined;
    throw new UnauthorizedError("invalid_lifetime", { setting });
  }
}

/**
 * The token came to us alone, after we asked. So our own clock tells its age better than `iat`, and
 * better than its hash too, since a provider may issue the same token twice within a second.
 */
function evidenceOfCode({ sub, issuedAt }: VerifiedIdToken, startedAt: EpochMs): Evidence {
  return { sub, at: Math.max(startedAt, issuedAt), tokenHash: undefined };
}

/**
 * Takes from the budget before the request. A good code is given back; every other outcome counts.
 */
function takeOne(refusedCodes: Budget, network: string): void {
  const wait = refusedCodes.take(network);
  if (wait !== undefined) {
    throw new TooManyRequestsError("refused_codes", wait);
  }
}

/**
 * Opens the session, unless an erasure or a sign-out everywhere came in between; then ends the
 * session that the request came with, so that no old token survives the sign-in.
 */
function createBeginSession(
  dependencies: Pick<
    SignInDependencies,
    "users" | "sessions" | "tokens" | "limits" | "sessionsPerUser" | "clock" | "random"
  >,
) {
  const { users } = dependencies;
  const openSession = createOpenSession(dependencies);
  const keepCap = createKeepCap(dependencies);
  const endSession = createEndSession(dependencies);

  return async (
    evidence: Evidence,
    { userAgent, replaces, deadline, log }: SignInCall,
  ): Promise<OpenedSession> => {
    const opened = await openSession({ evidence, userAgent });
    const [record] = await Promise.all([
      users.find(evidence.sub),
      keepCap({ opened: opened.session, replaces, deadline, log }),
    ]);
    const reason = outdatedBy(evidence, record);
    if (reason !== undefined) {
      await endSession(opened.session);
      throw new UnauthorizedError(reason);
    }
    if (replaces !== undefined) {
      await endSession(replaces);
    }
    return opened;
  };
}

/** Renews rejected credentials, once, as a refresh does. */
async function exchange(
  { tokenEndpoint, clientAuthentication }: SignInDependencies,
  code: AuthorizationCode,
  { credentials, log }: { readonly credentials: ClientCredentials; readonly log: Logger },
): Promise<CodeOutcome & { kind: "tokens" }> {
  const first = await tokenEndpoint.exchangeCode(code, credentials);
  if (first.kind !== "client_rejected") {
    return judge(first, log);
  }
  const renewed = await clientAuthentication.renew(credentials);
  return judge(
    renewed === undefined ? first : await tokenEndpoint.exchangeCode(code, renewed),
    log,
  );
}

function judge(outcome: CodeOutcome, log: Logger): CodeOutcome & { kind: "tokens" } {
  switch (outcome.kind) {
    case "tokens":
      return outcome;
    case "refused":
      throw new UnauthorizedError("code_refused");
    case "client_rejected":
      throw new InternalError("client_rejected");
    case "failed":
      throw failureOf(outcome, log);
  }
}

/**
 * A code lives for a minute or two. A provider that answered with an error may have spent it, or
 * may never accept it (Rollup ID answers 500 for an unknown one). A new sign-in is always safe; the
 * same code again only where the provider cannot have seen it.
 */
function failureOf(outcome: CodeOutcome & { kind: "failed" }, log: Logger): Error {
  const { cause, processed, retryAfterSeconds, setting } = outcome;
  if (processed === "no") {
    return new UnavailableError(cause, { retryAfterSeconds, setting });
  }
  log.warn("code_exchange_failed", { reason: cause, ...(setting !== undefined && { setting }) });
  return new UnauthorizedError("code_in_doubt", { setting });
}
