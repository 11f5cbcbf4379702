/**
 * Making durable what the provider's answer brought (step 6 of exchange.ts): the store, as often as
 * it takes; else the queue; and where neither takes it, both in turn until the deadline.
 *
 * Invariant: between the provider's answer and its durable write nothing can wait or fail but this
 * loop; sealing is local.
 */
import { ANSWER_RESERVE_MS, POLL_PAUSES, SPILL_RESERVE_MS, STORE_PAUSES } from "../deadlines";
import { UnavailableError } from "../errors";
import { type Grant, holdsLease, type LeasedGrant, type Sealed } from "../grant/grant";
import type { EpochMs } from "../model";
import type { Clock, Random, Timer } from "../ports/runtime";
import type { GrantWrite } from "../ports/stores";
import { backoff, jittered } from "./backoff";
import { reasonOf } from "./reason";
import type { ExchangeDependencies, LeaseHolder } from "./types";

export interface Patient {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
}

export interface DurableWrite<T> {
  /** One attempt. Undefined: the row has moved and is still ours to write, so again at once. */
  readonly write: () => Promise<T | undefined>;
  /** Until then an unavailable store is asked again, and nothing else. Absent: once a round. */
  readonly storeUntil?: EpochMs;
  /** Undefined: there is no successor, or no queue. */
  readonly spill?: Spill | undefined;
}

interface Spill {
  /** Puts the successor into the queue; false where that failed. */
  readonly put: (error: unknown) => Promise<boolean>;
  /** Until then store and queue are asked in turn. */
  readonly until: EpochMs;
}

export type Durable<T> =
  | { readonly kind: "stored"; readonly result: T }
  /** In the queue; `error` is what kept it from the store. */
  | { readonly kind: "spilled"; readonly error: unknown };

/** @throws what `write` threw last */
export async function writeDurably<T>(
  { clock, timer, random }: Patient,
  { write, storeUntil = -Infinity, spill }: DurableWrite<T>,
): Promise<Durable<T>> {
  let pauses = 0;
  let rounds = 0;
  for (;;) {
    const begunAt = clock.now();
    try {
      const result = await write();
      if (result !== undefined) {
        return { kind: "stored", result };
      }
      pauses = 0;
    } catch (error) {
      if (error instanceof UnavailableError) {
        const pause = backoff(STORE_PAUSES, pauses);
        // A store that hangs is expected to hang as long again.
        const took = clock.now() - begunAt;
        if (clock.now() + pause + took <= storeUntil) {
          await timer.sleep(jittered(pause, random));
          pauses += 1;
          continue;
        }
      }
      if (spill === undefined) {
        throw error;
      }
      if (await spill.put(error)) {
        return { kind: "spilled", error };
      }
      const pause = backoff(POLL_PAUSES, rounds);
      if (clock.now() + pause > spill.until) {
        throw error;
      }
      await timer.sleep(jittered(pause, random));
      rounds += 1;
      pauses = 0;
    }
  }
}

/** What the row becomes, and the successor that would be lost without it. */
export interface Change {
  readonly next: Grant;
  readonly mustKeep?: Sealed;
}

export interface Committed<C> {
  /** Undefined: the queue has the successor, and `error` is what kept it from the store. */
  readonly write: GrantWrite | undefined;
  readonly error?: unknown;
  /** Made for the row as it was at the last attempt. */
  readonly change: C;
}

/**
 * Writes the end of a refresh, only while the lease is the holder's: `decide` is asked again for
 * the row as it is at each attempt. `written: false`: the lease is lost, and `current` is the row
 * as it is now.
 * @throws UnavailableError, InternalError: neither the store nor the queue took it
 */
export async function commitWithRetry<C extends Change>(
  dependencies: ExchangeDependencies,
  holder: LeaseHolder,
  decide: (row: LeasedGrant) => C,
): Promise<Committed<C>> {
  const { grants, recovery } = dependencies;
  const reserveMs = recovery === undefined ? ANSWER_RESERVE_MS : SPILL_RESERVE_MS;
  let row = holder.grant;
  let change = decide(row);
  const durable = await writeDurably<GrantWrite>(dependencies, {
    write: async () => {
      const result = await grants.write(change.next, row.revision);
      if (result.written || !holdsLease(result.current, holder.grant)) {
        return result;
      }
      row = result.current;
      change = decide(row);
      return undefined;
    },
    storeUntil: holder.call.deadline - reserveMs,
    spill: spilling(dependencies, holder, change.mustKeep),
  });
  return durable.kind === "stored"
    ? { write: durable.result, change }
    : { write: undefined, error: durable.error, change };
}

/**
 * Into the inbox of a row that another holder has by now: one attempt at the store, then store and
 * queue in turn.
 * @throws UnavailableError, InternalError, also where the queue took it
 */
export async function writeInbox(
  dependencies: ExchangeDependencies,
  holder: LeaseHolder,
  { next, successor }: { readonly next: Grant; readonly successor: Sealed },
): Promise<GrantWrite> {
  const durable = await writeDurably(dependencies, {
    write: async () => await dependencies.grants.write(next, next.revision),
    spill: spilling(dependencies, holder, successor),
  });
  if (durable.kind === "spilled") {
    throw durable.error;
  }
  return durable.result;
}

function spilling(
  dependencies: ExchangeDependencies,
  holder: LeaseHolder,
  successor: Sealed | undefined,
): Spill | undefined {
  if (successor === undefined || dependencies.recovery === undefined) {
    return undefined;
  }
  const put = async (error: unknown) => {
    try {
      await spillSuccessor(dependencies, holder, successor);
      holder.call.log.warn("spilled", reasonOf(error));
      return true;
    } catch (failure) {
      holder.call.log.error("not_spilled", reasonOf(failure));
      return false;
    }
  };
  return { put, until: holder.call.deadline - ANSWER_RESERVE_MS };
}

/** The sealed successor, into the queue. @throws UnavailableError, InternalError */
export async function spillSuccessor(
  { recovery }: Pick<ExchangeDependencies, "recovery">,
  { grant: { sub, grantId, lease } }: Pick<LeaseHolder, "grant">,
  refreshToken: Sealed,
): Promise<void> {
  await recovery?.spill({ sub, grantId, owner: lease.owner, refreshToken });
}
