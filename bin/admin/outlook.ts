/**
 * What a user's next request for an access token would do, in the order in which the API decides
 * (lambda/refresh/get-access-token.ts), for a caller who asks for no more than the default.
 */
import type { Rotation } from "../../lambda/grant/grant";
import { type Phase, phaseOf, type UsablePhase } from "../../lambda/grant/phase";
import type { EpochMs } from "../../lambda/model";
import type { Issuance } from "../../lambda/ports/stores";

/** Default of `min_validity`. */
const MIN_VALIDITY_MS = 60_000;

export interface Outlook {
  /** Status of the answer. */
  readonly status: 200 | 403 | 409 | 500 | 503;
  /** `reason` of the answer or of the log line; of a 200, where the token would come from. */
  readonly reason: string;
  /** For people. */
  readonly says: string;
  /** When that may change by itself. */
  readonly until?: EpochMs;
}

/** @param now epoch milliseconds */
export function outlookOf(issuance: Issuance, now: EpochMs, rotation: Rotation): Outlook {
  if (issuance.isFrozen) {
    return refused("issuance_frozen", "It is refused: an operator has frozen all users.");
  }
  const phase = phaseOf(issuance, { now, rotation });
  const kept = isUsable(phase) ? phase.grant.accessToken : undefined;
  if (kept !== undefined && kept.expiresAt - now >= MIN_VALIDITY_MS) {
    const says = "The kept access token is handed out; the provider is not asked.";
    return { status: 200, reason: "kept", says, until: kept.expiresAt - MIN_VALIDITY_MS };
  }
  return ofPhase(phase);
}

function ofPhase(phase: Phase): Outlook {
  switch (phase.kind) {
    case "absent":
      return signIn("no_refresh_token", "there is no refresh token");
    case "ended":
      return signIn(phase.reason, `the grant has ended (${phase.reason})`);
    case "frozen":
      return refused("frozen", "It is refused: an operator has frozen this user.");
    case "cooling":
      return ofCooling(phase);
    case "leased": {
      const says = "It waits for a refresh that is under way, and gets the same token.";
      return { status: 200, reason: "leased", says, until: phase.until };
    }
    case "abandoned": {
      const says = "It is asked to come again: a refresh broke off, and recovery finishes it.";
      return { status: 503, reason: "abandoned", says };
    }
    case "ready": {
      const says = "The provider is asked for new tokens, once, whoever else asks meanwhile.";
      return { status: 200, reason: "refresh", says };
    }
  }
}

function ofCooling({ cooldown, until }: Extract<Phase, { kind: "cooling" }>): Outlook {
  if (cooldown.cause === "client_rejected") {
    const says = "It fails: the provider rejects this client. See client_rejected in the runbook.";
    return { status: 500, reason: "client_rejected", says, until };
  }
  if (cooldown.failing?.isTold === true) {
    const why = "refreshes of this user have failed for hours while others succeed";
    return { ...signIn("refresh_token_failing", why), until };
  }
  const says = `It is asked to come again: the last refresh failed (${cooldown.cause}).`;
  return { status: 503, reason: "cooling_down", says, until };
}

function isUsable(phase: Phase): phase is UsablePhase {
  return ["cooling", "leased", "abandoned", "ready"].includes(phase.kind);
}

function refused(reason: string, says: string): Outlook {
  return { status: 403, reason, says };
}

function signIn(reason: string, why: string): Outlook {
  return { status: 409, reason, says: `The user has to sign in: ${why}.` };
}
