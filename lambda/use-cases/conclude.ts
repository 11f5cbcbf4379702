/** What becomes of a token answer: steps 6 to 8 of the refresh protocol (exchange.ts). */
import { ForbiddenError, InternalError, NeedsSignInError, UnavailableError } from "../errors";
import type { AccessToken, EpochMs, Grant, Sealed } from "../model";
import type {
  ClientSecretSource,
  Clock,
  GrantStore,
  Logger,
  Opener,
  Random,
  Sealer,
  SealingKey,
  Timer,
  TokenEndpoint,
  TokenOutcome,
} from "../ports";
import {
  commitExchange,
  coolDown,
  leaveInInbox,
  quarantine,
  refuse,
  releaseLease,
  type Failure,
  type Stamp,
} from "./grant";
import { sealKept } from "./kept-access-token";
import type { Settle } from "./settle";

export interface ExchangeDependencies {
  readonly grants: GrantStore;
  readonly sealer: Sealer;
  readonly opener: Opener;
  readonly tokenEndpoint: TokenEndpoint;
  readonly clientSecret: ClientSecretSource;
  readonly rotation: "none" | "grace" | "strict";
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
}

/** For whom, on whose behalf, and until when the platform lets us run. */
export interface Call {
  readonly sub: string;
  readonly by: string;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

export type Attempt =
  | { readonly kind: "done"; readonly accessToken: AccessToken }
  /** Somebody else changed the row: this is what it is now. */
  | { readonly kind: "moved"; readonly grant: Grant | undefined };

/** What step 2 has made ready. */
export interface Prepared {
  readonly secret: string;
  readonly refreshToken: string;
  readonly key: SealingKey;
  /** `gen` of what this exchange yields: the revision of the intent, so no two attempts share one. */
  readonly gen: number;
}

/** The lease, and everything that its holder works with. */
export interface Held extends Prepared {
  readonly grant: Grant;
  readonly owner: string;
  readonly call: Call;
  readonly settle: Settle;
}

export async function conclude(
  dependencies: ExchangeDependencies,
  held: Held,
  outcome: TokenOutcome,
): Promise<Attempt> {
  switch (outcome.kind) {
    case "tokens":
      return await commit(dependencies, held, outcome);
    case "refused":
      return await acceptRefusal(dependencies, held);
    case "client_rejected":
      return await fail(dependencies, held, {
        cause: "client_rejected",
        retryAfterSeconds: undefined,
        keepLease: false,
      });
    case "failed":
      return await fail(dependencies, held, {
        ...outcome,
        refreshToken: sealed(held, outcome.refreshToken),
        keepLease: isDoubtful(dependencies, held) || mayBeSpent(dependencies, outcome),
      });
  }
}

/** Steps 6 and 7. What came is durable before it is judged (S45, S47); a foreign answer is durable, and useless. */
async function commit(
  dependencies: ExchangeDependencies,
  held: Held,
  outcome: TokenOutcome & { kind: "tokens" },
): Promise<Attempt> {
  const { gen, owner, key, call } = held;
  const stamp = stampOf(dependencies, held);
  const refreshToken = sealed(held, outcome.refreshToken);
  const accessToken = sealKept(key, outcome.accessToken, {
    gen,
    obtainedBy: owner,
  });
  const settled = await held.settle((grant) =>
    outcome.foreign
      ? quarantine(grant, refreshToken, stamp)
      : commitExchange(grant, { accessToken, refreshToken }, stamp),
  );
  if (!settled.written) {
    return await yieldTo(dependencies, held, settled.current, refreshToken);
  }
  if (outcome.foreign) {
    call.log.error("grant_quarantined", { reason: "foreign_subject" });
    throw new NeedsSignInError("foreign_subject");
  }
  if (settled.grant.frozenAt !== undefined) {
    throw new ForbiddenError("frozen");
  }
  return { kind: "done", accessToken: outcome.accessToken };
}

function sealed({ key, gen }: Held, refreshToken: string | undefined): Sealed | undefined {
  return refreshToken === undefined
    ? undefined
    : { ciphertext: key.seal(refreshToken, "refresh_token"), gen };
}

/** A holder before us never reported back: with a rotating provider it may have spent the token. */
function isDoubtful({ rotation }: ExchangeDependencies, held: Held): boolean {
  return rotation !== "none" && held.grant.lease?.takenOver === true;
}

function mayBeSpent(
  { rotation }: ExchangeDependencies,
  outcome: TokenOutcome & { kind: "failed" },
): boolean {
  return rotation !== "none" && outcome.processed === "maybe";
}

/** The lease was lost to a new holder, a new sign-in or a disconnect. Nothing of ours is released. */
async function yieldTo(
  { grants, tokenEndpoint }: ExchangeDependencies,
  held: Held,
  found: Grant | undefined,
  refreshToken: Sealed | undefined,
): Promise<Attempt> {
  let current = found;
  if (refreshToken === undefined || isDurable(refreshToken, current, held)) {
    return { kind: "moved", grant: current };
  }
  while (current?.status === "active" && current.grantId === held.grant.grantId) {
    const left = await grants.write(leaveInInbox(current, refreshToken), current.revision);
    if (left.written) {
      return { kind: "moved", grant: left.grant };
    }
    current = left.current;
  }
  // The successor belongs to nobody now. The token presented is its predecessor: revoking that ends the family.
  await tokenEndpoint.revoke(held.refreshToken, held.secret);
  return { kind: "moved", grant: current };
}

/** Our own write, applied although its answer never came and no retry could tell (S50). */
function isDurable(refreshToken: Sealed, current: Grant | undefined, held: Held): boolean {
  return current?.grantId === held.grant.grantId && current.refreshToken?.gen === refreshToken.gen;
}

/** Step 8. The write goes through only if the row is still as we took it, so a newer token is never overlooked (S49). */
async function acceptRefusal(dependencies: ExchangeDependencies, held: Held): Promise<Attempt> {
  const reason = isDoubtful(dependencies, held) ? "in_doubt" : "refresh_token_refused";
  const stamp = stampOf(dependencies, held);
  const settled = await held.settle((grant) =>
    grant.inbox.length > 0 ? releaseLease(grant) : refuse(grant, reason, stamp),
  );
  if (!settled.written) {
    return { kind: "moved", grant: settled.current };
  }
  if (settled.grant.status === "active") {
    return { kind: "moved", grant: settled.grant };
  }
  throw new NeedsSignInError(reason);
}

async function fail(
  dependencies: ExchangeDependencies,
  held: Held,
  failure: Failure,
): Promise<Attempt> {
  const stamp = stampOf(dependencies, held);
  const settled = await held.settle((grant) => coolDown(grant, failure, stamp));
  if (!settled.written) {
    return await yieldTo(dependencies, held, settled.current, failure.refreshToken);
  }
  if (failure.cause === "client_rejected") {
    throw new InternalError("client_rejected");
  }
  const until = settled.grant.cooldown?.until ?? stamp.at;
  throw new UnavailableError(failure.cause, { retryAfterSeconds: (until - stamp.at) / 1000 });
}

function stampOf({ clock }: ExchangeDependencies, { call }: Held): Stamp {
  return { at: clock.now(), by: call.by };
}
