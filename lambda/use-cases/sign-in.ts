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
  type EpochMs,
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
  Logger,
  TokenEndpoint,
} from "../ports";
import { reasonOf } from "./reason";
import type { OpenedSession, SignedIn } from "./sessions";

export interface SignInDependencies {
  readonly verifier: Pick<IdTokenVerifier, "verify">;
  readonly tokenEndpoint: Pick<TokenEndpoint, "exchangeCode">;
  readonly clientSecret: ClientSecretSource;
  readonly redirectUris: readonly string[];
  /** Whether the provider can have issued such a code: what it cannot is not worth a request. */
  readonly isPossibleCode: (code: string) => boolean;
  /** Whether a code that was exchanged may be exchanged again. */
  readonly isCodeReusable: boolean;
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
  /** How far the provider's clock may be off ours. */
  readonly clockToleranceSeconds: number;
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
  readonly log: Logger;
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
    | "isCodeReusable"
    | "isPossibleCode"
    | "storeExchanged"
  >,
) {
  const { inspectRefreshToken, putUser, storeRefreshToken } = dependencies;

  return async (
    idToken: VerifiedIdToken,
    refreshToken: string | undefined,
    call: SignInCall,
  ): Promise<SignInResult> => {
    const { by } = call;
    assertRecent(dependencies, idToken);
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

  async function begin(
    outcome: CodeOutcome & { kind: "tokens" },
    { nonce, startedAt }: { readonly nonce: string | undefined; readonly startedAt: EpochMs },
    call: SignInCall,
  ): Promise<SignInResult> {
    const { by } = call;
    const idToken = await verifier.verify(outcome.idToken);
    if (idToken.nonce !== nonce) {
      throw new UnauthorizedError("nonce_mismatch");
    }
    assertRecent(dependencies, idToken);
    // The token came to us alone, after we asked: our own clock says better than `iat` how new it is.
    const evidence = { ...evidenceOf(idToken), at: Math.max(startedAt, idToken.issuedAt) };
    const { user, erasure } = await putUser(idToken, evidence);
    const { accessToken, refreshToken } = outcome;
    if (refreshToken !== undefined) {
      await storeExchanged({ evidence, by, refreshToken, accessToken, erasure });
    }
    const opened = await open(dependencies, evidence, call);
    return { ...opened, user, accessToken };
  }

  return async (code: AuthorizationCode, call: SignInCall): Promise<SignInResult> => {
    if (!dependencies.redirectUris.includes(code.redirectUri)) {
      throw new InvalidRequestError("invalid_member");
    }
    if (!dependencies.isPossibleCode(code.code)) {
      throw new UnauthorizedError("code_impossible");
    }
    const secret = await clientSecret.current();
    const startedAt = clock.now();
    const outcome = await exchange(dependencies, code, { secret, log: call.log });
    try {
      return await begin(outcome, { nonce: code.nonce, startedAt }, call);
    } catch (error) {
      throw dependencies.isCodeReusable ? error : afterSpending(error, call.log);
    }
  };
}

/** "Try again" would send the same code, which is spent: a new sign-in is what helps (RFC 6749 section 4.1.2). */
function afterSpending(error: unknown, log: Logger): unknown {
  if (!(error instanceof UnavailableError)) {
    return error;
  }
  log.warn("sign_in_broken_off", reasonOf(error));
  return new UnauthorizedError("code_spent", { cause: error });
}

/** Above the lifetime of Rollup ID's ID tokens, whatever others write into theirs (S12). */
const MAX_PROOF_AGE_MS = 3_600_000;

/** A session outlives what it was opened with, so that has to be new: it was made when the person was at the provider. */
function assertRecent(
  { clock, clockToleranceSeconds }: Pick<SignInDependencies, "clock" | "clockToleranceSeconds">,
  { issuedAt }: VerifiedIdToken,
): void {
  if (clock.now() - issuedAt > MAX_PROOF_AGE_MS + clockToleranceSeconds * 1000) {
    throw new UnauthorizedError("invalid_lifetime");
  }
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
  { secret, log }: { readonly secret: string; readonly log: Logger },
): Promise<CodeOutcome & { kind: "tokens" }> {
  const first = await tokenEndpoint.exchangeCode(code, secret);
  if (first.kind !== "client_rejected") {
    return judge(first, log);
  }
  const reread = await clientSecret.reread();
  return judge(reread === secret ? first : await tokenEndpoint.exchangeCode(code, reread), log);
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
 * A code lives for a minute or two, and what answered with an error may have spent it, or may never take it (Rollup ID has 500 for
 * an unknown one). A new sign-in is always safe; the same code again only where the provider cannot have seen it.
 */
function failureOf(outcome: CodeOutcome & { kind: "failed" }, log: Logger): Error {
  const { cause, processed, retryAfterSeconds, setting } = outcome;
  if (processed === "no") {
    return new UnavailableError(cause, { retryAfterSeconds, setting });
  }
  log.warn("code_exchange_failed", { reason: cause, ...(setting !== undefined && { setting }) });
  return new UnauthorizedError("code_in_doubt", { setting });
}
