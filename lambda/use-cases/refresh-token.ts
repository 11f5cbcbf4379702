/**
 * Stores the refresh token that a user hands in, and shows the user the state of the grant. Seals,
 * cannot open.
 *
 * Storing: 1. check that the token is issued to this client and belongs to the caller; 2. seal it
 * under a fresh data key as a new grant; 3. replace the existing row with it. A new sign-in thereby
 * heals a dead grant and beats a refresh in flight, whose lease belongs to another grant.
 */
import { assertCurrent } from "../cutoff";
import {
  InternalError,
  InvalidRequestError,
  TooManyRequestsError,
  UnavailableError,
} from "../errors";
import type { Grant } from "../grant/grant";
import { endBefore, isEnded, madeAt, newGrantId } from "../grant/grant-id";
import { endReasonOf } from "../grant/phase";
import {
  asEnded,
  FIRST_GEN,
  type NewGrant,
  noteNotIssued,
  replaceGrant,
} from "../grant/transitions";
import type { AccessToken, Cutoffs, EpochMs, Evidence } from "../model";
import type { Sealer, SealingKey } from "../ports/crypto";
import type {
  ClientAuthentication,
  TokenEndpoint,
  TokenOutcome,
  Userinfo,
} from "../ports/provider";
import type { Clock, Random } from "../ports/runtime";
import type { EndedMarks, GrantStore } from "../ports/stores";
import type { RefreshTokenVerifier } from "../ports/tokens";
import { sealCached } from "../refresh/cached-access-token";
import { updateGrant } from "../refresh/update-grant";
import type { Scopes } from "../scopes";
import type { Budget } from "./budget";

/** The tokens to store. */
interface VerifiedTokens {
  readonly refreshToken: string;
  /** Only where the check took a refresh, or the tokens come from a code exchange. */
  readonly accessToken?: AccessToken;
  /** What came with them, or was asked for; undefined: not known. */
  readonly scopes?: Scopes;
}

/** Shows that a refresh token is issued to this client, and belongs to `sub` (S26). */
export interface OwnershipCheck {
  /**
   * Runs before every other step, so that a token that it refuses has cost nothing.
   * @throws InvalidRequestError `not_a_refresh_token` or `foreign_subject`; UnavailableError.
   */
  precheck(refreshToken: string, sub: string): Promise<void>;
  /**
   * Runs as late as possible, just before the write, since it may spend the token.
   * @throws as `precheck`, and InternalError.
   */
  verify(refreshToken: string, sub: string): Promise<VerifiedTokens>;
}

interface StoreDependencies {
  readonly grants: GrantStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
}

export interface StoreRefreshTokenDependencies extends StoreDependencies {
  readonly ownership: OwnershipCheck;
}

/** Includes the cutoffs of the user's record, where the caller has just read it. */
export interface StoreRefreshTokenRequest extends Cutoffs {
  readonly evidence: Evidence;
  readonly by: string;
  readonly refreshToken: string;
}

/**
 * Stores a refresh token that a user hands in.
 * @throws as {@link OwnershipCheck}; UnauthorizedError `erased_user` or `signed_out`;
 * UnavailableError; InternalError
 */
export function createStoreRefreshToken(dependencies: StoreRefreshTokenDependencies) {
  const { ownership } = dependencies;
  const store = createStore(dependencies);

  return async function storeRefreshToken(request: StoreRefreshTokenRequest): Promise<Grant> {
    const { refreshToken, evidence } = request;
    await ownership.precheck(refreshToken, evidence.sub);
    return await store(request, () => ownership.verify(refreshToken, evidence.sub));
  };
}

/**
 * Stores tokens that came straight from the token endpoint, with the ID token that names their
 * user: no check is left to do.
 * @throws UnauthorizedError `erased_user` or `signed_out`; UnavailableError; InternalError
 */
export function createStoreExchanged(dependencies: StoreDependencies) {
  const store = createStore(dependencies);

  return async (
    request: StoreRefreshTokenRequest & VerifiedTokens & { readonly accessToken: AccessToken },
  ): Promise<Grant> => {
    const { refreshToken, accessToken, scopes } = request;
    return await store(request, () => Promise.resolve({ refreshToken, accessToken, scopes }));
  };
}

/** @param verify runs just before the write, and yields the tokens to store */
function createStore(dependencies: StoreDependencies) {
  const { grants, clock } = dependencies;

  return async (
    { evidence, by, erasure, signedOut }: StoreRefreshTokenRequest,
    verify: () => Promise<VerifiedTokens>,
  ): Promise<Grant> => {
    const { sub } = evidence;
    const [first, found] = await Promise.all([
      makeGrant(dependencies, sub, clock.now()),
      grants.read(sub),
    ]);
    assertCurrent(evidence, found);
    let made = await outlast(dependencies, first, endBefore(found, erasure));
    const tokens = await verify();
    const replace = async (previous: Grant | undefined) => {
      // This is our own write, also where its answer was lost and the grant has changed since:
      // writing it again would bring back a token that is spent by now.
      if (previous?.grantId === made.grantId) {
        return previous;
      }
      assertCurrent(evidence, previous);
      made = await outlast(dependencies, made, endBefore(previous, erasure));
      const next = { ...sealTokens(made, tokens), erasure, signedOut };
      return replaceGrant(previous, next, { at: clock.now(), by });
    };
    return await updateGrant(grants, sub, replace, { grant: found });
  };
}

/** A grant that is not stored yet, and the key that seals its tokens. */
interface MadeGrant {
  readonly sub: string;
  readonly grantId: string;
  readonly key: SealingKey;
}

async function makeGrant(
  { sealer, random }: StoreDependencies,
  sub: string,
  at: EpochMs,
): Promise<MadeGrant> {
  const grantId = newGrantId(random, at);
  return { sub, grantId, key: await sealer.newKey({ sub, grantId, gen: FIRST_GEN }) };
}

/**
 * Makes the grant anew where it is not younger than `end`, because a grant ended meanwhile or
 * clocks differ: what ended until then stays ended.
 */
async function outlast(
  dependencies: StoreDependencies,
  made: MadeGrant,
  end: EpochMs,
): Promise<MadeGrant> {
  return madeAt(made) > end
    ? made
    : await makeGrant(dependencies, made.sub, Math.max(dependencies.clock.now(), end + 1));
}

function sealTokens({ sub, grantId, key }: MadeGrant, tokens: VerifiedTokens): NewGrant {
  return {
    sub,
    grantId,
    scopes: tokens.scopes,
    refreshToken: { ciphertext: key.seal(tokens.refreshToken, "refresh_token"), gen: FIRST_GEN },
    ...(tokens.accessToken && {
      accessToken: sealCached(key, tokens.accessToken, { gen: FIRST_GEN, obtainedBy: grantId }),
    }),
  };
}

/** For refresh tokens that are JWTs: their own claims say whose they are. */
export function createSignatureCheck(verifier: RefreshTokenVerifier): OwnershipCheck {
  return {
    precheck: async (refreshToken, sub) => {
      await verifier.verify(refreshToken, sub);
    },
    verify: (refreshToken) => Promise.resolve({ refreshToken }),
  };
}

/**
 * Gives each user a budget of refresh tokens, because each one that is handed in takes a token
 * request: an opaque one at once, any other with the next access token, since the cached one goes
 * with the previous grant. A token that `check` refuses by itself costs nothing.
 * @throws from `precheck` also TooManyRequestsError `refresh_tokens`
 */
export function createBoundedCheck(check: OwnershipCheck, budget: Budget): OwnershipCheck {
  return {
    precheck: async (refreshToken, sub) => {
      await check.precheck(refreshToken, sub);
      const wait = budget.take(sub);
      if (wait !== undefined) {
        throw new TooManyRequestsError("refresh_tokens", wait);
      }
    },
    verify: async (refreshToken, sub) => await check.verify(refreshToken, sub),
  };
}

/** Milliseconds. This request must not outlast what the refresh leaves of the function's time. */
const USERINFO_MS = 2_000;

/**
 * For opaque refresh tokens: one refresh shows whose they are (S26), and the tokens that it returns
 * are stored. Their ID token names the user; where there is none (OpenID Connect Core 12.2 leaves
 * that open), userinfo names the user of the new access token (5.3.2). The access token itself says
 * nothing to a client.
 */
export function createRefreshCheck(dependencies: {
  readonly tokenEndpoint: TokenEndpoint;
  readonly clientAuthentication: ClientAuthentication;
  /** Absent where the provider has no such endpoint. */
  readonly userinfo: Userinfo | undefined;
}): OwnershipCheck {
  const { tokenEndpoint, clientAuthentication, userinfo } = dependencies;
  return {
    precheck: () => Promise.resolve(),
    verify: async (refreshToken, sub) => {
      const credentials = await clientAuthentication.prepare();
      const outcome = judge(await tokenEndpoint.refresh(refreshToken, credentials, sub));
      if (outcome.foreign || (outcome.sub !== undefined && outcome.sub !== sub)) {
        throw new InvalidRequestError("foreign_subject");
      }
      if (outcome.sub === undefined) {
        await askUserinfo(userinfo, outcome.accessToken, sub);
      }
      const { accessToken, scopes } = outcome;
      return { refreshToken: outcome.refreshToken ?? refreshToken, accessToken, scopes };
    },
  };
}

/**
 * @throws InvalidRequestError or UnavailableError where userinfo does not confirm that the token is
 * that user's
 */
async function askUserinfo(
  userinfo: Userinfo | undefined,
  { accessToken }: AccessToken,
  sub: string,
): Promise<void> {
  if (userinfo === undefined) {
    throw new InvalidRequestError("not_a_refresh_token");
  }
  const answer = await userinfo.read(accessToken, sub, USERINFO_MS);
  if (answer.kind === "foreign") {
    throw new InvalidRequestError("foreign_subject");
  }
  if (answer.kind === "unavailable") {
    throw new UnavailableError("idp_unavailable");
  }
}

function judge(outcome: TokenOutcome): TokenOutcome & { kind: "tokens" } {
  switch (outcome.kind) {
    case "tokens":
      return outcome;
    case "refused":
      throw new InvalidRequestError("not_a_refresh_token");
    case "client_rejected":
      throw new InternalError("client_rejected");
    case "failed":
      throw new UnavailableError(outcome.cause, {
        retryAfterSeconds: outcome.retryAfterSeconds,
        setting: outcome.setting,
      });
  }
}

/**
 * After a sign-in that brought no refresh token: an earlier grant may be good still. One that is
 * not says from now on why, rather than what ended it before.
 * @returns the grant, where it can be used
 * @throws UnavailableError; InternalError
 */
export function createFindEarlierGrant({
  grants,
  ended,
  clock,
}: {
  readonly grants: GrantStore;
  readonly ended: Pick<EndedMarks, "read">;
  readonly clock: Clock;
}) {
  return async (sub: string): Promise<Grant | undefined> => {
    const [found, endedAt] = await Promise.all([grants.read(sub), ended.read(sub)]);
    const isUsable = (grant: Grant) => grant.status === "active" && !isEnded(grant, endedAt);
    const note = (grant: Grant | undefined) =>
      grant === undefined || isUsable(grant) || endReasonOf(grant) === "refresh_token_not_issued"
        ? grant
        : noteNotIssued(grant, clock.now());
    const grant = await updateGrant(grants, sub, note, { grant: found });
    return grant !== undefined && isUsable(grant) ? grant : undefined;
  };
}

/**
 * The grant as its user may see it, never a secret; undefined where none was ever stored.
 * @throws UnauthorizedError `erased_user` or `signed_out`; UnavailableError; InternalError
 */
export function createGetRefreshTokenStatus({
  grants,
  ended,
}: {
  readonly grants: Pick<GrantStore, "read">;
  readonly ended: Pick<EndedMarks, "read">;
}) {
  return async function getRefreshTokenStatus(evidence: Evidence): Promise<Grant | undefined> {
    const { sub } = evidence;
    const [grant, endedAt] = await Promise.all([grants.read(sub), ended.read(sub)]);
    assertCurrent(evidence, grant);
    return asEnded(grant, endedAt);
  };
}
