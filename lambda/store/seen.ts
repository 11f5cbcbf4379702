/**
 * Conditions for writes over damaged items, which have no readable revision: the item must be the
 * one that was read, so that only one of two such writes succeeds.
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
 * Holds while the attributes `names` have the values that they have in `item`. Every write changes
 * a scalar among them; of other types DynamoDB compares only whether they exist.
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

/** The same as a number. Negative, so that it is never a revision. */
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
