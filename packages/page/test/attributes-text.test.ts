import { changeTo, readRows, readText, rowsOf, textOf } from "../src/attributes-text";

test.each([
  ["{}", {}],
  ['{ "a": [1, null] }', { a: [1, null] }],
  ["[]", "It must be one JSON object, in braces."],
  ["null", "It must be one JSON object, in braces."],
  ['"a"', "It must be one JSON object, in braces."],
  ['{ "a": ', "This is not JSON yet."],
])("%s as a text is %j", (text, read) => {
  expect(readText(text)).toEqual(read);
});

test.each([
  { theme: "quiet", newsletter: true, count: 3 },
  { looksLikeNumber: "12", looksLikeJson: "[1]", empty: "", quote: '"', nothing: "null" },
  { nested: { a: [1, "b"] } },
])("%j comes back as it was, by rows and by text", (attributes) => {
  expect(readRows(rowsOf(attributes))).toEqual(attributes);
  expect(readText(textOf(attributes))).toEqual(attributes);
});

test("a plain text needs no quotes, and a row without a name is none", () => {
  expect(
    readRows([
      ["theme", "quiet please"],
      [" ", "x"],
    ]),
  ).toEqual({ theme: "quiet please" });
});

test("the same name twice is said", () => {
  expect(
    readRows([
      ["a", "1"],
      [" a ", "2"],
    ]),
  ).toBe("“a” is there twice.");
});

test("what is gone is removed by a null", () => {
  expect(changeTo({ a: 1, b: 2 }, { b: 3, c: 4 })).toEqual({ a: null, b: 3, c: 4 });
});
