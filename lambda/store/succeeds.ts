/** Conditional writes: whether the condition held. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { storeError } from "./store-errors";

/**
 * A write of ours that was applied although its answer was lost looks like a conflict: whoever
 * reads again finds it done.
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
