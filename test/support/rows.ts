/** Rows of any status, with what that status has and nothing else. */
import type {
  ActiveGrant,
  EndReason,
  Grant,
  GrantStatus,
  RefusalReason,
} from "../../lambda/grant/grant";

export type RowChange = Partial<Omit<ActiveGrant, "status" | "reason">> & {
  readonly status?: GrantStatus;
  readonly reason?: RefusalReason | EndReason;
};

const IDLE = { lease: undefined, accessToken: undefined, cooldown: undefined };

export function rowOf(
  grant: ActiveGrant,
  { status = "active", reason, ...change }: RowChange,
): Grant {
  const row = { ...grant, ...change };
  switch (status) {
    case "active":
      return row;
    case "needs_sign_in":
      return { ...row, ...IDLE, status, reason: (reason ?? "in_doubt") as RefusalReason };
    case "disconnecting":
      return { ...row, ...IDLE, status, reason: (reason ?? "disconnected") as EndReason };
    case "disconnected":
      return { ...row, ...IDLE, status, reason: reason as EndReason, refreshToken: undefined };
  }
}
