/** What the log may say of an error, and of a grant that had ended. */
import { ServiceError } from "../errors";
import type { EpochMs } from "../model";
import type { LogFields, Logger } from "../ports";

/** Nothing of a foreign error: its message may quote anything. */
export function reasonOf(error: unknown): LogFields {
  if (!(error instanceof ServiceError)) {
    return {};
  }
  const { reason, cause, setting } = error;
  return {
    reason,
    ...(cause instanceof Error && { cause: cause.name }),
    ...(setting !== undefined && { setting }),
  };
}

/** Longer than any function lives: what ended a shorter while ago may still be at it. */
const UNDER_WAY_MS = 60_000;

/** For the operator: an item came back from a backup, or what ended it broke off. */
export function reportPutBack(log: Logger, now: EpochMs, endedAt: EpochMs | undefined): void {
  if (endedAt !== undefined && now - endedAt < UNDER_WAY_MS) {
    log.warn("grant_put_back", { outcome: "under_way" });
  } else {
    log.error("grant_put_back");
  }
}
