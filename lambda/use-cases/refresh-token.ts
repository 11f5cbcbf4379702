/**
 * The refresh token handed in by its owner, and what the owner may know of it. Seals, cannot open.
 *
 * Storing: 1. prove that the token is issued to this client and is the caller's own; 2. seal it
 * under a fresh data key as a new grant; 3. put that in the place of the row that is there. A new
 * sign-in thereby heals a dead grant and beats a refresh in flight, whose lease belongs to another
 * grant.
 */
import { assertCurrent } from "../cutoff";
import {
  InternalError,
  InvalidRequestError,
  TooManyRequestsError,
  UnavailableError,
} from "../errors";
import type { Grant } from "../grant/grant";
import { endBefore, madeAt, newGrantId } from "../grant/grant-id";
import { asEnded, FIRST_GEN, type NewGrant, replaceGrant } from "../grant/transitions";
import type { AccessToken, Cutoffs, EpochMs, Evidence } from "../model";
import type { Sealer, SealingKey } from "../ports/crypto";
import type { ClientSecretSource, TokenEndpoint, TokenOutcome, Userinfo } from "../ports/provider";
import type { Clock, Random } from "../ports/runtime";
import type { EndedMarks, GrantStore } from "../ports/stores";
import type { RefreshTokenVerifier } from "../ports/tokens";
import { sealCached } from "../refresh/cached-access-token";
import { updateGrant } from "../refresh/update-grant";
import type { Budget } from "./budget";

/** What is to be stored. */
export interface Proven {
  readonly refreshToken: string;
  /** Only where proving it took an exchange. */
  readonly accessToken?: AccessToken;
}

/** How a provider's refresh token is shown to be one of ours, and of `sub`. */
export interface Proof {
  /**
   * Before anything else is asked, so that what it refuses has cost nothing.
   * @throws InvalidRequestError `not_a_refresh_token` or `foreign_subject`; UnavailableError.
   */
  inspect(refreshToken: string, sub: string): Promise<void>;
  /**
   * After everything else that can fail, since it may spend the token.
   * @throws as `inspect`, and InternalError.
   */
  redeem(refreshToken: string, sub: string): Promise<Proven>;
}

export interface StoreRefreshTokenDependencies {
  readonly grants: GrantStore;
  readonly sealer: Sealer;
  readonly proof: Proof;
  readonly clock: Clock;
  readonly random: Random;
}

/** With the cutoffs of the user's record, where the caller has just read it. */
export interface StoreRefreshTokenRequest extends Cutoffs {
  readonly evidence: Evidence;
  readonly by: string;
  readonly refreshToken: string;
}

export function createStoreRefreshToken(dependencies: StoreRefreshTokenDependencies) {
  const { grants, proof, clock } = dependencies;

  return async function storeRefreshToken(request: StoreRefreshTokenRequest): Promise<Grant> {
    const { evidence, by, erasure, signedOut } = request;
    const { sub } = evidence;
    await proof.inspect(request.refreshToken, sub);
    const [first, found] = await Promise.all([
      makeGrant(dependencies, sub, clock.now()),
      grants.read(sub),
    ]);
    assertCurrent(evidence, found);
    let made = await outlast(dependencies, first, endBefore(found, erasure));
    const proven = await proof.redeem(request.refreshToken, sub);
    const replace = async (previous: Grant | undefined) => {
      // Ours, also where the answer was lost and it has moved on since: writing it again would
      // bring back a token that is spent by now.
      if (previous?.grantId === made.grantId) {
        return previous;
      }
      assertCurrent(evidence, previous);
      made = await outlast(dependencies, made, endBefore(previous, erasure));
      const next = { ...sealProven(made, proven), erasure, signedOut };
      return replaceGrant(previous, next, { at: clock.now(), by });
    };
    return await updateGrant(grants, sub, replace, { grant: found });
  };
}

/** A grant that is not stored yet, and the key to seal what belongs to it. */
interface MadeGrant {
  readonly sub: string;
  readonly grantId: string;
  readonly key: SealingKey;
}

async function makeGrant(
  { sealer, random }: StoreRefreshTokenDependencies,
  sub: string,
  at: EpochMs,
): Promise<MadeGrant> {
  const grantId = newGrantId(random, at);
  return { sub, grantId, key: await sealer.newKey({ sub, grantId, gen: FIRST_GEN }) };
}

/**
 * What ended until `end` stays so: where something ended meanwhile, or clocks differ, the grant is
 * made anew.
 */
async function outlast(
  dependencies: StoreRefreshTokenDependencies,
  made: MadeGrant,
  end: EpochMs,
): Promise<MadeGrant> {
  return madeAt(made) > end
    ? made
    : await makeGrant(dependencies, made.sub, Math.max(dependencies.clock.now(), end + 1));
}

function sealProven({ sub, grantId, key }: MadeGrant, proven: Proven): NewGrant {
  return {
    sub,
    grantId,
    refreshToken: { ciphertext: key.seal(proven.refreshToken, "refresh_token"), gen: FIRST_GEN },
    ...(proven.accessToken && {
      accessToken: sealCached(key, proven.accessToken, { gen: FIRST_GEN, obtainedBy: grantId }),
    }),
  };
}

/**
 * Tokens that came straight from the token endpoint, with the ID token that says whose they are:
 * nothing is left to prove.
 */
export function createStoreExchanged(dependencies: Omit<StoreRefreshTokenDependencies, "proof">) {
  return async (
    request: StoreRefreshTokenRequest & { readonly accessToken: AccessToken },
  ): Promise<Grant> => {
    const { refreshToken, accessToken } = request;
    const store = createStoreRefreshToken({
      ...dependencies,
      proof: {
        inspect: () => Promise.resolve(),
        redeem: () => Promise.resolve({ refreshToken, accessToken }),
      },
    });
    return await store(request);
  };
}

/** Refresh tokens that are JWTs show by themselves whose they are. */
export function createProofBySignature(verifier: RefreshTokenVerifier): Proof {
  return {
    inspect: async (refreshToken, sub) => {
      await verifier.verify(refreshToken, sub);
    },
    redeem: (refreshToken) => Promise.resolve({ refreshToken }),
  };
}

/**
 * Each refresh token that is handed in takes a token request: an opaque one at once, any other with
 * the next access token, since the cached one goes with the grant before. So a user has a budget of
 * them; what `proof` refuses by itself has cost nothing.
 * @throws of `inspect` also TooManyRequestsError `refresh_tokens`
 */
export function createBoundedProof(proof: Proof, budget: Budget): Proof {
  return {
    inspect: async (refreshToken, sub) => {
      await proof.inspect(refreshToken, sub);
      const wait = budget.take(sub);
      if (wait !== undefined) {
        throw new TooManyRequestsError("refresh_tokens", wait);
      }
    },
    redeem: async (refreshToken, sub) => await proof.redeem(refreshToken, sub),
  };
}

/** For a request that must not outlast what is left of the function after the exchange. */
const USERINFO_MS = 2_000;

/**
 * Opaque refresh tokens: one exchange shows whose they are (S26), and what it yields is what is
 * stored. An ID token says it; where the answer has none (OpenID Connect Core 12.2 leaves that
 * open), userinfo says whose the new access token is (5.3.2). The access token itself says nothing
 * to a client.
 */
export function createProofByExchange(dependencies: {
  readonly tokenEndpoint: TokenEndpoint;
  readonly clientSecret: ClientSecretSource;
  /** Absent where the provider has no such endpoint. */
  readonly userinfo: Userinfo | undefined;
}): Proof {
  const { tokenEndpoint, clientSecret, userinfo } = dependencies;
  return {
    inspect: () => Promise.resolve(),
    redeem: async (refreshToken, sub) => {
      const secret = await clientSecret.current();
      const outcome = judge(await tokenEndpoint.refresh(refreshToken, secret, sub));
      if (outcome.foreign || (outcome.sub !== undefined && outcome.sub !== sub)) {
        throw new InvalidRequestError("foreign_subject");
      }
      if (outcome.sub === undefined) {
        await askUserinfo(userinfo, outcome.accessToken, sub);
      }
      const { accessToken } = outcome;
      return { refreshToken: outcome.refreshToken ?? refreshToken, accessToken };
    },
  };
}

/** @throws where it does not say that the token is that user's */
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

/** The connection as its owner may see it; undefined where none was ever stored. Never a secret. */
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
