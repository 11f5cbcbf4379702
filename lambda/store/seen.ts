/**
 * A write over an item that cannot be read is for the item that was seen, so that of two such
 * writes one goes through.
 */
import { createHash } from "node:crypto";
import { NumberValue } from "@aws-sdk/lib-dynamodb";

type Item = Readonly<Record<string, unknown>>;

export interface SeenCondition {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Holds while `names` are what they were in `item`. Each write of ours changes one of the scalars
 * among them; of anything else engines compare no more than that it is there.
 */
export function asSeen(item: Item, names: readonly string[]): SeenCondition {
  const parts = names.map((name) => {
    const value = item[name];
    if (value === undefined) {
      return `attribute_not_exists(#${name})`;
    }
    return isScalar(value) ? `#${name} = :seen_${name}` : `attribute_exists(#${name})`;
  });
  const scalars = names.filter((name) => isScalar(item[name]));
  return {
    expression: parts.join(" AND "),
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: Object.fromEntries(scalars.map((name) => [`:seen_${name}`, item[name]])),
  };
}

/** The same as a number: negative, which no revision is. */
export function fingerprint(item: Item, names: readonly string[]): number {
  const told = names.map((name) => [
    name,
    typeof item[name],
    isScalar(item[name]) && String(item[name]),
  ]);
  const digest = createHash("sha256").update(JSON.stringify(told)).digest();
  return -1 - digest.readUIntBE(0, 6);
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || value instanceof NumberValue;
}
