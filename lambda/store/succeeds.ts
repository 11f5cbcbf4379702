/** Conditional writes: whether the condition held. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { storeError } from "./store-errors";

/**
 * @returns whether the condition held. A write that was applied although its response was lost
 * looks like a conflict: reading again shows that it is done.
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
