/** Rotating providers: what makes an exchange recoverable whatever becomes of its holder. Step 4 of the protocol, and the spill of step 6. */
import { UnavailableError } from "../errors";
import type { Grant, Lease, Sealed } from "../model";
import type { GrantWrite } from "../ports/stores";
import { minRequestMs } from "../time-limits";
import type { ExchangeDependencies, Held } from "./held";
import { newestRefreshToken } from "./grant";
import { giveBackLease } from "./grant-recovery";
import { reasonOf } from "./reason";
import { ANSWER_RESERVE_MS } from "./settle";

const MIN_POLL_MS = 50;
const MAX_POLL_MS = 400;

/** The row as it was before the intent, and everything that came of the intent. */
interface Taken {
  readonly before: Grant;
  readonly held: Held;
}

export type LeasedGrant = Grant & { readonly lease: Lease };

export interface DurableWrite {
  /** Undefined: the answer had none. */
  readonly successor: Sealed | undefined;
  readonly write: () => Promise<GrantWrite>;
  /** What a spilled successor counts as; undefined: as the failure of `write`. */
  readonly whenSpilled?: GrantWrite;
}

/**
 * Step 4. Whatever fails here has spent nothing, so the row goes back to what it was: with the lapsed lease of the holder before us, if there was
 * one, and so with the doubt about it.
 */
export async function arm(
  { recovery, clock, tokenEndpoint }: ExchangeDependencies,
  { before, held }: Taken,
): Promise<void> {
  if (recovery === undefined) {
    return;
  }
  try {
    const { sub, grantId } = before;
    const seconds = ((held.grant.lease?.expiresAt ?? 0) - clock.now()) / 1000;
    await recovery.watch({ sub, grantId, owner: held.owner }, Math.ceil(seconds));
    if (held.call.deadline - clock.now() < minRequestMs(tokenEndpoint.timeoutMs)) {
      throw new UnavailableError("too_little_time_left");
    }
  } catch (error) {
    await held.settle((grant) => giveBackLease(grant, before)).catch(() => undefined);
    throw error;
  }
}

/**
 * What the holder of this lease has spilled may be on its way, and a provider that rotates may take offence at the old token meanwhile: nobody takes the lease
 * over but the bearer of the `take-over` for it, which the queue keeps behind what was spilled.
 */
export function standsInLine(
  { rotation }: Pick<ExchangeDependencies, "rotation">,
  grant: Grant,
): grant is LeasedGrant {
  return (
    rotation !== "none" &&
    grant.lease !== undefined &&
    newestRefreshToken(grant) === grant.refreshToken
  );
}

/** @throws UnavailableError, InternalError: nobody may be coming for the grant */
export async function queueTakeOver(
  { recovery }: Pick<ExchangeDependencies, "recovery">,
  { sub, grantId, revision, lease }: LeasedGrant,
): Promise<void> {
  await recovery?.takeOver({ sub, grantId, owner: lease.owner }, revision);
}

/**
 * Step 6, where the store takes nothing any more: the sealed successor goes to the queue, and is durable there. Where that takes nothing either, the two
 * are tried in turn until the deadline.
 * @throws what `write` threw last
 */
export async function writeOrSpill(
  dependencies: ExchangeDependencies,
  held: Held,
  { successor, write, whenSpilled }: DurableWrite,
): Promise<GrantWrite> {
  const { clock, timer, random } = dependencies;
  for (let pause = MIN_POLL_MS; ; pause = Math.min(pause * 2, MAX_POLL_MS)) {
    try {
      return await write();
    } catch (error) {
      if (successor === undefined || dependencies.recovery === undefined) {
        throw error;
      }
      const isDurable = await isSpilled(dependencies, held, { successor, error });
      if (isDurable && whenSpilled !== undefined) {
        return whenSpilled;
      }
      if (isDurable || clock.now() + pause > held.call.deadline - ANSWER_RESERVE_MS) {
        throw error;
      }
      await timer.sleep(pause * (0.5 + random.fraction() / 2));
    }
  }
}

/** The sealed successor, into the queue. */
export async function spill(
  { recovery }: ExchangeDependencies,
  { grant: { sub, grantId }, owner }: Held,
  successor: Sealed,
): Promise<void> {
  await recovery?.spill({ sub, grantId, owner, refreshToken: successor });
}

async function isSpilled(
  dependencies: ExchangeDependencies,
  held: Held,
  { successor, error }: { readonly successor: Sealed; readonly error: unknown },
): Promise<boolean> {
  try {
    await spill(dependencies, held, successor);
    held.call.log.warn("spilled", reasonOf(error));
    return true;
  } catch (failure) {
    held.call.log.error("not_spilled", reasonOf(failure));
    return false;
  }
}

/** A holder before us never reported back: with a rotating provider it may have spent the token. */
export function isTakenOver({ rotation }: ExchangeDependencies, { grant }: Held): boolean {
  return rotation !== "none" && grant.lease?.takenOver === true;
}

/** The token is from a backup, and may have been spent after that was made. */
export function isRestored({ rotation }: ExchangeDependencies, { grant, call }: Held): boolean {
  const last = Math.max(grant.since, grant.lastExchangeAt ?? 0);
  return rotation !== "none" && call.restoredAt !== undefined && last < call.restoredAt;
}
