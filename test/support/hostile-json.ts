/**
 * JSON whose names are instructions to some library: members of prototypes, type tags of DynamoDB,
 * names of hooks.
 */
import fc from "fast-check";
import type { JsonValue } from "../../lambda/model";

const PROTOTYPES = [Object, Array, Map, Set, Date, Promise, Function, String, Number, Boolean]
  .map((type): object => type.prototype as object)
  .concat([Symbol.prototype, RegExp.prototype, Error.prototype, Uint8Array.prototype])
  .flatMap((prototype) => Object.getOwnPropertyNames(prototype));

const TAGS = ["S", "N", "B", "M", "L", "SS", "NS", "BS", "BOOL", "NULL", "$unknown", "__type"];
const HOOKS = ["then", "toJSON", "toAttributeValue", "$metadata", "wrapNumbers", "Symbol.iterator"];
const HOOKED = ["constructor", "__proto__", "prototype", "@@iterator", "~standard", "$$typeof"];

export const HOSTILE_NAMES: readonly string[] = [
  ...new Set([...PROTOTYPES, ...TAGS, ...HOOKS, ...HOOKED, "", " ", "a.b", "[0]", "#a", ":a", "é"]),
];

/** What a library that goes by `constructor.name` takes a value for. */
const TYPES = ["String", "Number", "Boolean", "Set", "Map", "Object", "Uint8Array", "Buffer"];

const text = fc.oneof(
  fc.constantFrom(...TYPES, "", "\ud800", "\udfffx", "[object Object]", "__proto__"),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ maxLength: 8 }),
);

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1e22, 1e-99, 1e-101, 5e-324, 0.1),
);

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...HOSTILE_NAMES) },
  { weight: 1, arbitrary: text },
);

/** Objects by `JSON.parse`'s rule: `__proto__` is a member like any other. */
function object<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc
    .array(fc.tuple(name, value), { maxLength: 4 })
    .map((members) => Object.fromEntries(members));
}

/** `{ constructor: { name: "String" } }`, what F1 of issue 11 was found by. */
const typed = fc.constantFrom(...TYPES).map((type) => ({ constructor: { name: type } }));

export const hostileJson: fc.Arbitrary<JsonValue> = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    ...[text, number, fc.boolean(), fc.constant(null), typed],
    fc.array(tie("json"), { maxLength: 3 }),
    object(tie("json")),
  ),
})).json;

export const hostileObject: fc.Arbitrary<Readonly<Record<string, JsonValue>>> = fc.oneof(
  { weight: 5, arbitrary: object(hostileJson) },
  { weight: 1, arbitrary: typed },
);
