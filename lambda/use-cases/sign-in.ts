/**
 * Signing in: user stored, refresh token sealed, session opened, in this order and all before the answer. The session comes last, so a sign-in that breaks
 * off leaves nothing that could be used; repeating it heals, since each step replaces what an earlier try left.
 */
import { InternalError, InvalidRequestError, UnauthorizedError, UnavailableError } from "../errors";
import type { AccessToken, Grant, User, VerifiedIdToken } from "../model";
import type {
  AuthorizationCode,
  ClientSecretSource,
  CodeOutcome,
  IdTokenVerifier,
  TokenEndpoint,
} from "../ports";
import type { OpenedSession, SignedIn } from "./sessions";

export interface SignInDependencies {
  readonly verifier: IdTokenVerifier;
  readonly tokenEndpoint: Pick<TokenEndpoint, "exchangeCode">;
  readonly clientSecret: ClientSecretSource;
  readonly redirectUris: readonly string[];
  readonly putUser: (idToken: VerifiedIdToken) => Promise<{ readonly user: User }>;
  readonly storeRefreshToken: (request: StoreRequest) => Promise<Grant>;
  /** For tokens that came straight from the token endpoint. */
  readonly storeExchanged: (request: ExchangedRequest) => Promise<Grant>;
  readonly openSession: (signedIn: SignedIn) => Promise<OpenedSession>;
}

interface StoreRequest {
  readonly sub: string;
  readonly by: string;
  readonly refreshToken: string;
}

interface ExchangedRequest extends StoreRequest {
  readonly accessToken: AccessToken;
}

export interface SignInCall {
  readonly by: string;
  readonly userAgent: string;
}

export interface SignInResult extends OpenedSession {
  readonly user: User;
  readonly accessToken: AccessToken | undefined;
}

/** With an ID token that the caller already has, and a refresh token beside it if there is one. */
export function createSignInByIdToken(dependencies: SignInDependencies) {
  const { putUser, storeRefreshToken, openSession } = dependencies;

  return async (
    idToken: VerifiedIdToken,
    refreshToken: string | undefined,
    { by, userAgent }: SignInCall,
  ): Promise<SignInResult> => {
    const { sub, issuedAt: authenticatedAt } = idToken;
    const { user } = await putUser(idToken);
    if (refreshToken !== undefined) {
      await storeRefreshToken({ sub, by, refreshToken });
    }
    const opened = await openSession({ sub, authenticatedAt, userAgent });
    return { ...opened, user, accessToken: undefined };
  };
}

/** With an authorization code: a browser cannot exchange it, since that takes the client secret. */
export function createSignInByCode(dependencies: SignInDependencies) {
  const { verifier, clientSecret, putUser, storeExchanged, openSession } = dependencies;

  return async (code: AuthorizationCode, { by, userAgent }: SignInCall): Promise<SignInResult> => {
    if (!dependencies.redirectUris.includes(code.redirectUri)) {
      throw new InvalidRequestError("invalid_member");
    }
    const secret = await clientSecret.current();
    const outcome = await exchange(dependencies, code, secret);
    const idToken = await verifier.verify(outcome.idToken);
    const { sub, issuedAt: authenticatedAt } = idToken;
    const { user } = await putUser(idToken);
    const { accessToken, refreshToken } = outcome;
    if (refreshToken !== undefined) {
      await storeExchanged({ sub, by, refreshToken, accessToken });
    }
    const opened = await openSession({ sub, authenticatedAt, userAgent });
    return { ...opened, user, accessToken };
  };
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
