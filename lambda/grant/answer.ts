/**
 * What a token response does to a grant: steps 6 to 8 of the protocol (lambda/refresh/exchange.ts)
 * as a value. `applyTokenResponse` says for one row and one response
 *  - `next`: the row to write, on the condition that the row is still the one it was made for,
 *  - `reply`: what the caller gets once that is written, and not before (I4),
 *  - `mustKeep`: the successor that has to be durable even where this write cannot be made.
 * `concedeLease` says where a successor goes whose holder has lost the lease.
 *
 * What came is durable before it is judged (S45, S47). A refusal counts only for the row as it is
 * held: a newer token that has come into the inbox meanwhile is spent first (S49).
 */
import type { NeedsSignInReason, SettingName } from "../errors";
import type { AccessToken, EpochMs } from "../model";
import type { Scopes } from "../scopes";
import { type Failing, type Failure, tellFailing } from "./cooldown";
import type {
  ActiveGrant,
  CachedAccessToken,
  FailureCause,
  Grant,
  LeasedGrant,
  Rotation,
  Sealed,
} from "./grant";
import type { Stamp } from "./history";
import {
  commitTokens,
  coolDown,
  lapseInDoubt,
  leaveInInbox,
  quarantine,
  refuse,
  releaseLease,
} from "./transitions";

/** A token response (port TokenEndpoint), with what goes into the row sealed. */
export type TokenResponse =
  | {
      readonly kind: "tokens";
      /** A token in it is about another subject, issuer or client (S29). */
      readonly foreign: boolean;
      /** For the caller. */
      readonly accessToken: AccessToken;
      /** The same, for the row. */
      readonly cached: CachedAccessToken;
      readonly refreshToken: Sealed | undefined;
      readonly scopes?: Scopes;
    }
  | { readonly kind: "refused" }
  | { readonly kind: "client_rejected" }
  | {
      readonly kind: "failed";
      readonly cause: Exclude<FailureCause, "client_rejected">;
      /** Whether the provider may have acted on the request. */
      readonly processed: "no" | "maybe";
      readonly retryAfterSeconds: number | undefined;
      readonly refreshToken: Sealed | undefined;
      readonly setting?: SettingName;
    };

/** What else the decision depends on. */
export interface Circumstances {
  readonly stamp: Stamp;
  readonly rotation: Rotation;
  /** When the table came back from a backup: a token from before may have been spent since. */
  readonly restoredAt: EpochMs | undefined;
  /** The grant has failed for so long that its user has to know (decision 0032). */
  readonly isLong: (failing: Failing) => boolean;
  /** The provider has served another user lately: it is up. */
  readonly servesOthers: boolean;
}

/** For the operator's log. */
export interface Report {
  readonly level: "warn" | "error";
  readonly event: "grant_quarantined" | "grant_failing";
  readonly fields: { readonly reason: string; readonly count?: number };
}

export type Reply =
  /** The access token may leave (step 7). */
  | { readonly kind: "release"; readonly accessToken: AccessToken }
  /** Stored, and not handed out. */
  | { readonly kind: "frozen" }
  /** The row has changed: the caller begins again with what it is now. */
  | { readonly kind: "look_again" }
  | {
      readonly kind: "sign_in";
      readonly reason: NeedsSignInReason;
      readonly report?: Report;
    }
  /** Our own registration is wrong: the operator must act. */
  | { readonly kind: "client_rejected" }
  | {
      readonly kind: "later";
      readonly cause: Exclude<FailureCause, "client_rejected">;
      readonly retryAfterSeconds: number;
      readonly setting: SettingName | undefined;
      readonly report?: Report;
    };

export interface Applied {
  readonly next: Grant;
  readonly reply: Reply;
  /** Undefined also for a foreign answer: nothing of it may get where it could be used (S29). */
  readonly mustKeep?: Sealed;
}

export function applyTokenResponse(
  grant: LeasedGrant,
  response: TokenResponse,
  circumstances: Circumstances,
): Applied {
  switch (response.kind) {
    case "tokens":
      return applyTokens(grant, response, circumstances.stamp);
    case "refused":
      return applyRefusal(grant, circumstances);
    case "client_rejected":
      return applyFailure(grant, circumstances, {
        cause: "client_rejected",
        retryAfterSeconds: undefined,
        keepLease: isTakenOver(grant, circumstances),
      });
    case "failed":
      return applyFailure(grant, circumstances, {
        ...response,
        keepLease:
          isTakenOver(grant, circumstances) || mayBeSpent(response.processed, circumstances),
      });
  }
}

function applyTokens(
  grant: LeasedGrant,
  response: TokenResponse & { readonly kind: "tokens" },
  stamp: Stamp,
): Applied {
  if (response.foreign) {
    const reason = "foreign_subject";
    const report = { level: "error", event: "grant_quarantined", fields: { reason } } as const;
    return {
      next: quarantine(grant, response.refreshToken, stamp),
      reply: { kind: "sign_in", reason, report },
    };
  }
  const { accessToken, cached, refreshToken, scopes } = response;
  return {
    next: commitTokens(grant, { accessToken: cached, refreshToken, scopes }, stamp),
    reply: grant.frozenAt === undefined ? { kind: "release", accessToken } : { kind: "frozen" },
    mustKeep: refreshToken,
  };
}

/** Step 8: definitive for the token that was presented, and for no other. */
function applyRefusal(grant: LeasedGrant, circumstances: Circumstances): Applied {
  const { stamp } = circumstances;
  const isDoubtful = isTakenOver(grant, circumstances) || isRestored(grant, circumstances);
  if (grant.inbox.length > 0) {
    // The next holder spends the newer one. A provider that refused the old one may have ended the
    // family over it: the lapsed lease keeps that in doubt.
    const next = isDoubtful ? lapseInDoubt(grant, stamp.at) : releaseLease(grant);
    return { next, reply: { kind: "look_again" } };
  }
  const reason = isDoubtful ? "in_doubt" : "refresh_token_refused";
  return { next: refuse(grant, reason, stamp), reply: { kind: "sign_in", reason } };
}

function applyFailure(grant: LeasedGrant, circumstances: Circumstances, failure: Failure): Applied {
  const { at } = circumstances.stamp;
  const cooled = coolDown(grant, failure, circumstances.stamp);
  const { failing } = cooled.cooldown;
  const isLong = failing !== undefined && circumstances.isLong(failing);
  const isTold = failing?.isTold === true || (isLong && circumstances.servesOthers);
  const next = isTold ? tellFailing(cooled, failing, at) : cooled;
  const { cause, refreshToken: mustKeep } = failure;
  if (cause === "client_rejected") {
    return { next, reply: { kind: "client_rejected" } };
  }
  const fields = { reason: cause, count: failing?.attempts ?? 0 };
  if (isTold) {
    const report = { level: "error", event: "grant_failing", fields } as const;
    const reason = "refresh_token_failing";
    return { next, mustKeep, reply: { kind: "sign_in", reason, report } };
  }
  const report = isLong ? ({ level: "warn", event: "grant_failing", fields } as const) : undefined;
  const retryAfterSeconds = (next.cooldown.until - at) / 1000;
  return {
    next,
    mustKeep,
    reply: { kind: "later", cause, retryAfterSeconds, setting: failure.setting, report },
  };
}

/** A holder before never reported back: with a rotating provider it may have spent the token. */
function isTakenOver({ lease }: LeasedGrant, { rotation }: Circumstances): boolean {
  return rotation !== "none" && lease.takenOver;
}

/** The token is from a backup, and may have been spent after that was made. */
function isRestored(grant: LeasedGrant, { rotation, restoredAt }: Circumstances): boolean {
  const last = Math.max(grant.since, grant.lastExchangeAt ?? 0);
  return rotation !== "none" && last < (restoredAt ?? -Infinity);
}

function mayBeSpent(processed: "no" | "maybe", { rotation }: Circumstances): boolean {
  return rotation !== "none" && processed === "maybe";
}

export type Concession =
  /** There is no successor, or it is durable: our own write, whose answer never came (S50). */
  | { readonly kind: "nothing" }
  /** Another holder, or a caller's note, has changed the row: the next holder spends it. */
  | { readonly kind: "inbox"; readonly next: ActiveGrant; readonly successor: Sealed }
  /**
   * The grant lives on under another subject: the recovery function follows it (follow-moved.ts).
   */
  | { readonly kind: "follow"; readonly successor: Sealed }
  /** The successor belongs to no grant. Revoking the token presented ends its family (RFC 7009). */
  | { readonly kind: "revoke" };

/** The lease was lost to a new holder, a sign-in or a disconnect: where the successor goes. */
export function concedeLease(
  current: Grant | undefined,
  held: LeasedGrant,
  successor: Sealed | undefined,
): Concession {
  const isSameGrant = current?.grantId === held.grantId;
  if (successor === undefined) {
    return { kind: "nothing" };
  }
  if (isSameGrant && current.refreshToken?.gen === successor.gen) {
    return { kind: "nothing" };
  }
  if (isSameGrant && current.status === "active") {
    return { kind: "inbox", next: leaveInInbox(current, successor), successor };
  }
  return current?.movedTo === undefined ? { kind: "revoke" } : { kind: "follow", successor };
}
