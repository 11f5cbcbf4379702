/**
 * What users, apps and providers say, on its way into the store. The SDK's marshaller takes a value
 * for what `constructor.name` says, which in JSON is a member like any other (issue 11, F1). So it
 * never sees an object whose members were chosen outside: each becomes a `Map`, which is marshalled
 * by its entries and into the same item as before. Back it goes by the type tags of DynamoDB, and
 * by nothing else.
 */
import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { keepsDigits } from "../numbers";

/**
 * Every object, at any depth, as a `Map`. Bytes stay bytes, and what JavaScript has no number for
 * stays what it was read as.
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
 * A number that JavaScript cannot hold stays its text: it is never a number that is nearly right,
 * and no reader takes it for one.
 */
export function readNumber(text: string): unknown {
  return keepsDigits(text) ? Number(text) : NumberValue.from(text);
}
