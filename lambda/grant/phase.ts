/**
 * What may be done with a row now, and when to look again. The one place that answers it: callers
 * (get-access-token.ts), the recovery function (recover.ts), a move (move-locks.ts) and the index
 * of what is due (lambda/store/grant-item.ts) ask here.
 *
 * | phase     | the row                                             | what may be done           |
 * | --------- | --------------------------------------------------- | -------------------------- |
 * | absent    | there is none                                       | sign in                    |
 * | ended     | refused, disconnected, or older than its ended mark | sign in                    |
 * | frozen    | the operator's switch                               | refresh, hand nothing out  |
 * | cooling   | the last refresh failed a moment ago                | wait until `until`         |
 * | leased    | a holder is at work                                 | wait for it                |
 * | abandoned | a lapsed lease, and its holder may have spilled     | take over, in turn         |
 * | ready     | none of these                                       | refresh                    |
 *
 * test/lambda/grant/states.ts plays every phase against every event, and docs/architecture.md has
 * the diagram that it makes.
 */
import type { NeedsSignInReason } from "../errors";
import type { EpochMs } from "../model";
import {
  type ActiveGrant,
  type Cooldown,
  type Grant,
  hasLease,
  type LeasedGrant,
  type Rotation,
} from "./grant";
import { isEnded } from "./grant-id";

/** A row, and until when grants of its subject have ended for good (port EndedMarks). */
export interface Seen {
  readonly grant: Grant | undefined;
  readonly endedAt?: EpochMs;
}

export interface Moment {
  readonly now: EpochMs;
  readonly rotation: Rotation;
}

interface Absent {
  readonly kind: "absent";
}

interface Ended {
  readonly kind: "ended";
  readonly grant: Grant;
  readonly reason: NeedsSignInReason;
  /** The row looks usable: its item came back from a backup, or what ended it broke off. */
  readonly isPutBack: boolean;
}

/** Of an active grant. */
export type UsablePhase =
  | {
      readonly kind: "cooling";
      readonly grant: ActiveGrant;
      readonly cooldown: Cooldown;
      /** When neither a cooldown nor a lease keeps others out any more. */
      readonly until: EpochMs;
    }
  | { readonly kind: "leased"; readonly grant: LeasedGrant; readonly until: EpochMs }
  | { readonly kind: "abandoned"; readonly grant: LeasedGrant }
  | { readonly kind: "ready"; readonly grant: ActiveGrant };

/**
 * Of a row for which no access token has to leave: a freeze does not keep it from being refreshed.
 */
export type RefreshPhase = Absent | Ended | UsablePhase;

export type Phase = RefreshPhase | { readonly kind: "frozen"; readonly grant: Grant };

/** For a caller who wants an access token. */
export function phaseOf(seen: Seen, moment: Moment): Phase {
  const { grant } = seen;
  return grant?.frozenAt === undefined ? refreshPhaseOf(seen, moment) : { kind: "frozen", grant };
}

/** For the recovery function, which hands nothing out. */
export function refreshPhaseOf({ grant, endedAt }: Seen, { now, rotation }: Moment): RefreshPhase {
  if (grant === undefined) {
    return { kind: "absent" };
  }
  if (grant.status !== "active") {
    const reason = endReasonOf(grant) ?? "no_refresh_token";
    return { kind: "ended", grant, reason, isPutBack: false };
  }
  if (isEnded(grant, endedAt)) {
    return { kind: "ended", grant, reason: "disconnected", isPutBack: true };
  }
  const { cooldown } = grant;
  if (cooldown !== undefined && cooldown.until > now) {
    const until = Math.max(cooldown.until, grant.lease?.expiresAt ?? 0);
    return { kind: "cooling", grant, cooldown, until };
  }
  if (isLeased(grant, now)) {
    return { kind: "leased", grant, until: grant.lease.expiresAt };
  }
  return isAbandoned(grant, rotation) ? { kind: "abandoned", grant } : { kind: "ready", grant };
}

/** Of a row that is not active: a later sign-in that brought no refresh token is why it is not. */
export function endReasonOf({ reason, since, notIssuedAt }: Grant): NeedsSignInReason | undefined {
  return notIssuedAt === undefined || notIssuedAt < since ? reason : "refresh_token_not_issued";
}

/** A lease that has run out belongs to a process that the platform has ended. */
export function isLeased(grant: Grant, now: EpochMs): grant is LeasedGrant {
  return grant.lease !== undefined && grant.lease.expiresAt > now;
}

/**
 * The lease, once it has lapsed, may be taken only by the consumer of the FIFO take-over message
 * for it; FIFO order puts any spilled token before it (decision 0024). A provider that rotates may
 * take offence at the old token while its successor is on the way. Where the successor is in the
 * inbox already, or the provider does not rotate, any caller may take it.
 */
export function isAbandoned(grant: Grant, rotation: Rotation): grant is LeasedGrant {
  if (rotation === "none" || !hasLease(grant)) {
    return false;
  }
  const { inbox, refreshToken } = grant;
  return !inbox.some(({ gen }) => gen >= refreshToken.gen);
}

/** When the sweeper has to look at a grant for which no caller asks; undefined: never. */
export type DueAt = (grant: Grant) => EpochMs | undefined;

/** Of `IdpProfile` what decides. */
interface DueProfile {
  readonly refreshToken: {
    readonly rotation: Rotation;
    readonly idleSeconds?: number;
    readonly format?: unknown;
  };
}

/**
 * Also what lambda/store/ writes into the index of what is due. Undefined where nothing is ever
 * due: the provider neither rotates nor lets an unused refresh token lapse.
 */
export function createDueAt({ refreshToken }: DueProfile): DueAt | undefined {
  const { rotation, idleSeconds } = refreshToken;
  if (rotation === "none" && idleSeconds === undefined) {
    return undefined;
  }
  return ({ status, lease, cooldown, lastExchangeAt, since }) => {
    if (status !== "active") {
      return undefined;
    }
    const cooledAt = cooldown?.until ?? 0;
    if (lease !== undefined) {
      return Math.max(lease.expiresAt, cooledAt);
    }
    // Half of the time is left for trying again.
    const usedAt = Math.max(lastExchangeAt ?? 0, since);
    return idleSeconds === undefined
      ? undefined
      : Math.max(usedAt + (idleSeconds * 1000) / 2, cooledAt);
  };
}
