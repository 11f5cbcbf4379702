import { MAX_SCOPES, MAX_SCOPES_LENGTH, scopesIn, scopeText, without } from "../../lambda/scopes";

const many = (count: number) => Array.from({ length: count }, (_, index) => `s${String(index)}`);

test.each([
  ["openid profile", ["openid", "profile"]],
  ["openid  openid", ["openid"]],
  [" a b ", ["a", "b"]],
  ["a", ["a"]],
  [
    ["a b", "c"],
    ["a", "b", "c"],
  ],
  ["https://www.example/auth/mail.read a:b", ["https://www.example/auth/mail.read", "a:b"]],
  ["!#[]~ a", ["!#[]~", "a"]],
  // What RFC 6749 section 3.3 excludes can be in no request.
  ['a"b c', ["c"]],
  ["a\\b c", ["c"]],
  ["sch\u00f6n c", ["c"]],
  ["a\u007f c", ["c"]],
  ["a\tb c", ["c"]],
  ["", undefined],
  [" ", undefined],
  ['"', undefined],
  [[], undefined],
  [["a", 7], undefined],
  [7, undefined],
  [null, undefined],
  [undefined, undefined],
  [{ a: 1 }, undefined],
])("the scopes in %j are %j", (value, names) => {
  expect(scopesIn(value)).toEqual(names);
});

test("more scopes than are kept are not known at all, rather than in part", () => {
  expect(scopesIn(many(MAX_SCOPES))).toEqual(many(MAX_SCOPES));
  expect(scopesIn(many(MAX_SCOPES + 1))).toBeUndefined();
  expect(scopesIn("a".repeat(MAX_SCOPES_LENGTH))).toHaveLength(1);
  expect(scopesIn("a".repeat(MAX_SCOPES_LENGTH + 1))).toBeUndefined();
  // The space between two names counts.
  const half = MAX_SCOPES_LENGTH / 2;
  expect(scopesIn(`${"a".repeat(half)} ${"b".repeat(half - 1)}`)).toHaveLength(2);
  expect(scopesIn(`${"a".repeat(half)} ${"b".repeat(half)}`)).toBeUndefined();
});

test("a list is read as a text with spaces", () => {
  expect(scopeText(["a", "b"])).toBe("a b");
  expect(scopeText("a b")).toBe("a b");
  expect(scopeText([])).toBe("");
  expect(scopeText([7])).toBeUndefined();
});

test("what is wanted without what is there", () => {
  expect(without(["a", "b", "c"], ["b"])).toEqual(["a", "c"]);
  expect(without([], ["b"])).toEqual([]);
});
