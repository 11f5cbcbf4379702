/**
 * The refresh token handed in by its owner, and what the owner may know of it. Seals, cannot open.
 *
 * Storing: 1. prove that it is a refresh token of ours and the caller's own; 2. seal it under a fresh data key as a
 * new grant; 3. put that in the place of whatever stood there. A new sign-in thereby heals a dead grant and beats an
 * exchange in flight, whose lease belongs to another grant.
 */
import { InternalError, InvalidRequestError, UnauthorizedError, UnavailableError } from "../errors";
import type { AccessToken, Erasure, Evidence, Grant } from "../model";
import type {
  ClientSecretSource,
  Clock,
  GrantStore,
  Random,
  RefreshTokenVerifier,
  Sealer,
  TokenEndpoint,
  TokenOutcome,
} from "../ports";
import { FIRST_GEN, isErasedFor, replaceGrant, type NewGrant } from "./grant";
import { sealKept } from "./kept-access-token";

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

export interface StoreRefreshTokenRequest {
  readonly evidence: Evidence;
  readonly by: string;
  readonly refreshToken: string;
  /** The user's last erasure, where the caller has just read it. */
  readonly erasure?: Erasure | undefined;
}

/** Others write at most twice per exchange, so more conflicts than this are no accident. */
const MAX_CONFLICTS = 8;

export function createStoreRefreshToken(dependencies: StoreRefreshTokenDependencies) {
  const { grants, sealer, proof, clock, random } = dependencies;

  return async function storeRefreshToken(request: StoreRefreshTokenRequest): Promise<Grant> {
    const { evidence, by, erasure } = request;
    const { sub } = evidence;
    const grantId = random.id();
    await proof.inspect(request.refreshToken, sub);
    const [key, found] = await Promise.all([
      sealer.newKey({ sub, grantId, gen: FIRST_GEN }),
      grants.read(sub),
    ]);
    assertNotErased(found, evidence);
    const proven = await proof.redeem(request.refreshToken, sub);
    const next: NewGrant = {
      sub,
      grantId,
      erasure,
      refreshToken: { ciphertext: key.seal(proven.refreshToken, "refresh_token"), gen: FIRST_GEN },
      ...(proven.accessToken && {
        accessToken: sealKept(key, proven.accessToken, { gen: FIRST_GEN, obtainedBy: grantId }),
      }),
    };
    let previous = found;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      assertNotErased(previous, evidence);
      const grant = replaceGrant(previous, next, { at: clock.now(), by });
      const result = await grants.write(grant, grant.revision);
      if (result.written) {
        return result.grant;
      }
      // Ours, although the answer was lost, and moved on since: writing it again would bring back a token that is spent by now.
      if (result.current?.grantId === grantId) {
        return result.current;
      }
      previous = result.current;
    }
    throw new UnavailableError("store_conflict");
  };
}

export function assertNotErased(grant: Grant | undefined, evidence: Evidence): void {
  if (isErasedFor(grant, evidence)) {
    throw new UnauthorizedError("erased_user");
  }
}

/** Tokens that came straight from the token endpoint, with the ID token that says whose they are: nothing is left to prove. */
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

/** Opaque refresh tokens: one exchange shows whose they are (S26), and what it yields is what is stored. */
export function createProofByExchange(dependencies: {
  readonly tokenEndpoint: TokenEndpoint;
  readonly clientSecret: ClientSecretSource;
}): Proof {
  return {
    inspect: () => Promise.resolve(),
    redeem: async (refreshToken, sub) => {
      const secret = await dependencies.clientSecret.current();
      const outcome = await dependencies.tokenEndpoint.refresh(refreshToken, secret, sub);
      return judge(outcome, refreshToken, sub);
    },
  };
}

function judge(outcome: TokenOutcome, refreshToken: string, sub: string): Proven {
  switch (outcome.kind) {
    case "tokens":
      if (outcome.foreign || (outcome.sub !== undefined && outcome.sub !== sub)) {
        throw new InvalidRequestError("foreign_subject");
      }
      if (outcome.sub === undefined) {
        throw new InvalidRequestError("not_a_refresh_token");
      }
      return {
        refreshToken: outcome.refreshToken ?? refreshToken,
        accessToken: outcome.accessToken,
      };
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
export function createGetRefreshTokenStatus({ grants }: { readonly grants: GrantStore }) {
  return async function getRefreshTokenStatus(evidence: Evidence): Promise<Grant | undefined> {
    const grant = await grants.read(evidence.sub);
    assertNotErased(grant, evidence);
    return grant;
  };
}
