/** Batches of the local SQS: up to ten entries, each of which succeeds or fails for itself. */
import * as v from "valibot";
import { AwsError } from "./call";
import { type JsonAction, jsonAction } from "./json-action";

const id = v.object({ Id: v.pipe(v.string(), v.regex(/^[\w-]{1,80}$/)) });
const MAX_ENTRIES = 10;

/** @param run what one entry does, as the action of its own would */
export function batchAction<E extends v.ObjectEntries>(
  entrySchema: v.ObjectSchema<E, undefined>,
  run: (
    input: { readonly QueueUrl: string },
    entry: v.InferOutput<typeof entrySchema>,
  ) => Readonly<Record<string, unknown>>,
): JsonAction {
  const schema = v.object({ QueueUrl: v.string(), Entries: v.array(v.looseObject(id.entries)) });
  return jsonAction(schema, ({ QueueUrl, Entries: entries }) => {
    assertBatch(entries);
    const outcomes = entries.map((entry) => {
      const single = jsonAction(entrySchema, (input) => run({ QueueUrl }, input));
      return runEntry(entry.Id, () => single(entry));
    });
    return {
      Successful: outcomes.filter((outcome) => !("SenderFault" in outcome)),
      Failed: outcomes.filter((outcome) => "SenderFault" in outcome),
    };
  });
}

function assertBatch(entries: readonly { readonly Id: string }[]): void {
  if (entries.length === 0) {
    throw new AwsError("EmptyBatchRequest", "There are no entries in the batch.");
  }
  if (entries.length > MAX_ENTRIES) {
    throw new AwsError("TooManyEntriesInBatchRequest", "There are more than ten entries.");
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new AwsError("BatchEntryIdsNotDistinct", "Two entries have the same Id.");
  }
}

function runEntry(Id: string, run: () => object): object {
  try {
    return { Id, ...run() };
  } catch (error) {
    if (error instanceof AwsError && error.name !== "QueueDoesNotExist") {
      return { Id, SenderFault: true, Code: error.name, Message: error.message };
    }
    throw error;
  }
}
