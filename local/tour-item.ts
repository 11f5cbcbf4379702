/** The last stop of the tour: the item as it lies in the table. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Outputs } from "./outputs";
import { tracesOf } from "./secret-traces";
import { assertTour } from "./tour-client";
import type { Shown } from "./tour-show";

/** @param secrets that must not be found in the item */
export async function showItem(
  { outputs, show }: { readonly outputs: Outputs; readonly show: Shown },
  sub: string,
  secrets: readonly string[],
): Promise<void> {
  show.heading("What is stored is ciphertext");
  const { endpoints, region, credentials, tables } = outputs;
  const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
  const get = new GetCommand({
    TableName: tables.refreshTokens,
    Key: { sub },
    ConsistentRead: true,
  });
  show.sent(`DynamoDB GetItem ${tables.refreshTokens}`, { sub });
  const { Item: item } = await DynamoDBDocumentClient.from(client).send(get);
  client.destroy();
  assertTour(item !== undefined, "the table has an item for the user");
  show.received(200, printable(item));
  const text = JSON.stringify(printable(item, "latin1"));
  const traces = tracesOf(
    [...secrets, outputs.clientSecret].filter((secret) => secret !== ""),
    text,
  );
  assertTour(traces.length === 0, "no attribute holds a token or the client secret");
  show.note("no token and no client secret is in there, in no encoding and not in parts");
}

/** Bytes as base64, for people. */
function printable(value: unknown, encoding: BufferEncoding = "base64"): unknown {
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString(encoding);
  }
  if (Array.isArray(value)) {
    return value.map((element) => printable(element, encoding));
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, inner]) => [name, printable(inner, encoding)]));
  }
  return value;
}
