/**
 * Signing in: user stored, refresh token sealed, session opened, in this order and all before the answer. The session comes last, so a sign-in that breaks
 * off leaves nothing that could be used; repeating it heals, since each step replaces what an earlier try left.
 *
 * Invariant: a session whose token leaves was there before the user's record was read without finding a newer erasure; so an erasure that began
 * before finds no token out there, and one that begins later finds the session.
 */
import { InternalError, InvalidRequestError, UnauthorizedError, UnavailableError } from "../errors";
import {
  evidenceOf,
  isOutdated,
  type AccessToken,
  type Erasure,
  type Evidence,
  type Grant,
  type Session,
  type User,
  type UserRecord,
  type VerifiedIdToken,
} from "../model";
import type {
  AuthorizationCode,
  ClientSecretSource,
  Clock,
  CodeOutcome,
  IdTokenVerifier,
  Timer,
  TokenEndpoint,
} from "../ports";
import type { OpenedSession, SignedIn } from "./sessions";

export interface SignInDependencies {
  readonly verifier: IdTokenVerifier;
  readonly tokenEndpoint: Pick<TokenEndpoint, "exchangeCode">;
  readonly clientSecret: ClientSecretSource;
  readonly redirectUris: readonly string[];
  readonly putUser: (idToken: VerifiedIdToken, evidence: Evidence) => Promise<PutUser>;
  readonly findUser: (sub: string) => Promise<UserRecord>;
  /** Before anything is written: whether the refresh token is the caller's own, as far as it shows by itself. */
  readonly inspectRefreshToken: (refreshToken: string, sub: string) => Promise<void>;
  readonly storeRefreshToken: (request: StoreRequest) => Promise<Grant>;
  /** For tokens that came straight from the token endpoint. */
  readonly storeExchanged: (request: ExchangedRequest) => Promise<Grant>;
  readonly openSession: (signedIn: SignedIn) => Promise<OpenedSession>;
  readonly endSession: (opened: OpenedSession["session"]) => Promise<void>;
  readonly clock: Clock;
  readonly timer: Timer;
}

interface PutUser {
  readonly user: User;
  readonly erasure: Erasure | undefined;
}

interface StoreRequest {
  readonly evidence: Evidence;
  readonly by: string;
  readonly refreshToken: string;
  readonly erasure: Erasure | undefined;
}

interface ExchangedRequest extends StoreRequest {
  readonly accessToken: AccessToken;
}

export interface SignInCall {
  readonly by: string;
  readonly userAgent: string;
  /** A session that came along with the sign-in: it ends when the new one is there, so that no old token gains by it. */
  readonly replaces: Session | undefined;
}

export interface SignInResult extends OpenedSession {
  readonly user: User;
  readonly accessToken: AccessToken | undefined;
}

/** With an ID token that the caller already has, and a refresh token beside it if there is one. */
export function createSignInByIdToken(
  dependencies: Omit<
    SignInDependencies,
    | "verifier"
    | "tokenEndpoint"
    | "clientSecret"
    | "redirectUris"
    | "storeExchanged"
    | "clock"
    | "timer"
  >,
) {
  const { inspectRefreshToken, putUser, storeRefreshToken } = dependencies;

  return async (
    idToken: VerifiedIdToken,
    refreshToken: string | undefined,
    call: SignInCall,
  ): Promise<SignInResult> => {
    const { by } = call;
    const evidence = evidenceOf(idToken);
    if (refreshToken !== undefined) {
      await inspectRefreshToken(refreshToken, idToken.sub);
    }
    const { user, erasure } = await putUser(idToken, evidence);
    if (refreshToken !== undefined) {
      await storeRefreshToken({ evidence, by, refreshToken, erasure });
    }
    const opened = await open(dependencies, evidence, call);
    return { ...opened, user, accessToken: undefined };
  };
}

/** With an authorization code: a browser cannot exchange it, since that takes the client secret. */
export function createSignInByCode(dependencies: SignInDependencies) {
  const { verifier, clientSecret, putUser, storeExchanged, clock } = dependencies;

  return async (code: AuthorizationCode, call: SignInCall): Promise<SignInResult> => {
    const { by } = call;
    if (!dependencies.redirectUris.includes(code.redirectUri)) {
      throw new InvalidRequestError("invalid_member");
    }
    // Both before the code is spent: it works once, and what fails here can be tried again with it.
    const [secret] = await Promise.all([clientSecret.current(), verifier.ready()]);
    const startedAt = clock.now();
    const outcome = await exchange(dependencies, code, secret);
    const idToken = await verifyExchanged(dependencies, outcome.idToken);
    if (idToken.nonce !== code.nonce) {
      throw new UnauthorizedError("nonce_mismatch");
    }
    // The token came to us alone, after we asked: our own clock says better than `iat` how new it is.
    const evidence = { ...evidenceOf(idToken), at: Math.max(startedAt, idToken.issuedAt) };
    const { user, erasure } = await putUser(idToken, evidence);
    const { accessToken, refreshToken } = outcome;
    if (refreshToken !== undefined) {
      await storeExchanged({ evidence, by, refreshToken, accessToken, erasure });
    }
    const opened = await open(dependencies, evidence, call);
    return { ...opened, user, accessToken };
  };
}

/**
 * Between tries to find the key of an ID token whose code is spent: a provider may sign a moment
 * before it publishes the key.
 */
const KEY_PAUSES_MS = [500, 1_500];

/**
 * Nobody but the provider has made this token: that its key is not known yet is no reason to lose
 * the sign-in.
 */
async function verifyExchanged(
  { verifier, timer }: Pick<SignInDependencies, "verifier" | "timer">,
  idToken: string,
): Promise<VerifiedIdToken> {
  for (const pause of KEY_PAUSES_MS) {
    try {
      return await verifier.verifyExchanged(idToken);
    } catch (error) {
      if (!isAboutKeys(error)) {
        throw error;
      }
      await timer.sleep(pause);
    }
  }
  return await verifier.verifyExchanged(idToken);
}

function isAboutKeys(error: unknown): boolean {
  return (
    (error instanceof UnauthorizedError && error.reason === "unknown_key") ||
    (error instanceof UnavailableError && error.reason === "key_set_unavailable")
  );
}

/** Whoever was erased while signing in gets nothing. */
async function open(
  {
    openSession,
    findUser,
    endSession,
  }: Pick<SignInDependencies, "openSession" | "findUser" | "endSession">,
  evidence: Evidence,
  { userAgent, replaces }: SignInCall,
): Promise<OpenedSession> {
  const opened = await openSession({ evidence, userAgent });
  const { erasure } = await findUser(evidence.sub);
  if (isOutdated(evidence, erasure)) {
    await endSession(opened.session);
    throw new UnauthorizedError("erased_user");
  }
  if (replaces !== undefined) {
    await endSession(replaces);
  }
  return opened;
}

/** A rejected client secret is read again, once, as for a refresh. */
async function exchange(
  { tokenEndpoint, clientSecret }: SignInDependencies,
  code: AuthorizationCode,
  secret: string,
): Promise<CodeOutcome & { kind: "tokens" }> {
  const first = await tokenEndpoint.exchangeCode(code, secret);
  if (first.kind !== "client_rejected") {
    return judge(first);
  }
  const reread = await clientSecret.reread();
  return judge(reread === secret ? first : await tokenEndpoint.exchangeCode(code, reread));
}

function judge(outcome: CodeOutcome): CodeOutcome & { kind: "tokens" } {
  switch (outcome.kind) {
    case "tokens":
      return outcome;
    case "refused":
      throw new UnauthorizedError("code_refused");
    case "client_rejected":
      throw new InternalError("client_rejected");
    case "failed":
      throw new UnavailableError(outcome.cause, { retryAfterSeconds: outcome.retryAfterSeconds });
  }
}
