/** What may become of one attribute of an item: it is gone, of another type, or nonsense. */

import { NumberValue } from "@aws-sdk/lib-dynamodb";

export interface Damage {
  readonly name: string;
  /** Undefined: the attribute is gone. */
  readonly value: unknown;
}

/** DynamoDB holds it, JavaScript does not. */
const HUGE = NumberValue.from("1234567890123456789012345678901234567");

const FEW: readonly unknown[] = [undefined, "yesterday", HUGE];
const MANY: readonly unknown[] = [
  ...FEW,
  "",
  "0000",
  "2026-01-01T00:00:00.000+99:99",
  0,
  -1,
  1.5,
  true,
  null,
  [],
  ["x"],
  {},
  { at: "x" },
  new Set(["x"]),
  new Set([1]),
  new Uint8Array([1]),
  { constructor: { name: "String" } },
];

/** Three for `npm test`; all of them, which takes minutes, with `DAMAGES=all`. */
const VALUES = process.env["DAMAGES"] === "all" ? MANY : FEW;

/** All of them for `name`, save what `isFine` says is none. */
export function damagesOf(
  name: string,
  isFine: (value: unknown) => boolean = () => false,
): Damage[] {
  return VALUES.filter((value) => !isFine(value)).map((value) => ({ name, value }));
}

export function damaged(
  item: Readonly<Record<string, unknown>>,
  { name, value }: Damage,
): Record<string, unknown> {
  const rest = Object.entries(item).filter(([other]) => other !== name);
  return Object.fromEntries(value === undefined ? rest : [...rest, [name, value]]);
}

// What is no damage of some attributes.
const isNumber = (value: unknown): value is number => typeof value === "number";
export const isSmallNumber = (value: unknown) => isNumber(value) && Number.isSafeInteger(value);
/** A later version. */
export const isLater = (value: unknown) => isNumber(value) && Number.isInteger(value) && value > 1;

/** For the name of a test. */
export function told({ name, value }: Damage): string {
  if (value === undefined) {
    return `no ${name}`;
  }
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const text = value instanceof Set ? "" : ` ${JSON.stringify(value)}`;
  return `${name}: ${kind}${text}`;
}
