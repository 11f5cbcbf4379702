/**
 * Values from outside on their way into DynamoDB. The SDK's marshaller decides by
 * `constructor.name`, which in JSON is a member like any other: a user could choose how a value is
 * stored. So it never sees an object with foreign members. Each becomes a `Map`, which it marshals
 * by entries into the same item. Reading goes by DynamoDB's type tags alone.
 */
import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { keepsDigits } from "../numbers";

/**
 * Turns every object, at any depth, into a `Map`. Bytes stay bytes, and a number without a
 * JavaScript number stays what it was read as.
 */
export function byStructure(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(byStructure);
  }
  if (typeof value !== "object" || value === null || isAtom(value)) {
    return value;
  }
  return new Map(Object.entries(value).map(([name, member]) => [name, byStructure(member)]));
}

function isAtom(value: object): boolean {
  return value instanceof Uint8Array || value instanceof Set || value instanceof NumberValue;
}

/**
 * A number that a double cannot represent stays text, so that no reader takes a nearby number for
 * it.
 */
export function readNumber(text: string): unknown {
  return keepsDigits(text) ? Number(text) : NumberValue.from(text);
}
