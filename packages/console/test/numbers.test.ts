import { roundUp, shown } from "../src/operations/numbers";

test.each([
  [0, 1],
  [1, 1],
  [1.2, 2],
  [3, 5],
  [7, 10],
  [10, 10],
  [11, 20],
  [99, 100],
  [101, 200],
  [4_321, 5_000],
])("an axis for %p ends at %p", (value, end) => {
  expect(roundUp(value)).toBe(end);
});

test.each([
  [null, "–"],
  [undefined, "–"],
  [0, "0"],
  [99.94, "99.9"],
  [12_345, "12,345"],
])("%p is shown as %s", (value, text) => {
  expect(shown(value)).toBe(text);
});
