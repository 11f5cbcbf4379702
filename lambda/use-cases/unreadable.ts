/**
 * For what must go on although a user's record cannot be read: ending and listing sessions does not
 * need the record.
 */
import { UnavailableError } from "../errors";
import type { Logger } from "../ports/runtime";

/**
 * Undefined where the item is of a later version, or locked by a move; the log says so.
 * @throws every other error of `reading`
 */
export async function unlessUnreadable<T>(
  reading: Promise<T>,
  log: Logger,
): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof UnavailableError) || error.reason !== "unknown_schema_version") {
      throw error;
    }
    log.error("unreadable_item", { reason: error.reason });
    return undefined;
  }
}
