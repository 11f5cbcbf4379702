/** What the log may say of an error. */
import { ServiceError } from "../errors";
import type { LogFields } from "../ports/runtime";

/** Nothing of an error that is none of ours: its message may quote anything. */
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
