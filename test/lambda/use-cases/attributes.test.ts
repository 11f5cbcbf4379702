import fc from "fast-check";
import type { JsonValue } from "../../../lambda/model";
import { mergePatch } from "../../../lambda/use-cases/attributes";

describe("merge patch: the examples of RFC 7396 appendix A", () => {
  test.each<[JsonValue, JsonValue, JsonValue]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j patched by %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });
});

test("merging twice is merging once, and neither side is changed", () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<
    Record<string, JsonValue>
  >;
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const [before, wanted] = [JSON.stringify(target), JSON.stringify(patch)];
      const once = mergePatch(target, patch);
      expect(mergePatch(once, patch)).toEqual(once);
      expect([JSON.stringify(target), JSON.stringify(patch)]).toEqual([before, wanted]);
    }),
  );
});
