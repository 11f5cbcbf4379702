import { isSpellingOf } from "../../../lambda/issuer";

test.each<readonly [iss: unknown, expected: boolean]>([
  ["https://op.example/x", true],
  ["http://op.example/x", true],
  ["op.example/x", true],
  ["https://op.example/x/", true],
  ["https://op.example/x//", true],
  ["https://op.example", false],
  // A scheme within it is a part of its name.
  ["op.https://example/x", false],
  ["https://https://op.example/x", false],
  [["https://op.example/x"], false],
  [undefined, false],
])("%p spells https://op.example/x otherwise, or is it: %p", (iss, expected) => {
  expect(isSpellingOf("https://op.example/x", iss)).toBe(expected);
});
