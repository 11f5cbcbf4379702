/** Conditional writes: whether the condition held. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { storeError } from "./store-errors";

/**
 * @returns whether the condition held. A write that was applied although its answer was lost looks
 * like a conflict: the caller recognises it by the `writeId` of the item (grant-store.ts,
 * user-store.ts; S50).
 */
export async function succeeds(sending: Promise<unknown>): Promise<boolean> {
  try {
    await sending;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return false;
    }
    throw storeError(error);
  }
}
