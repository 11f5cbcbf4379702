import { intervalOf, median, quantile, ratioOf } from "./statistics";

test.each([
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 2, 3], 0.5, 2.5],
  [[10, 20], 0.25, 12.5],
  [[7], 0.99, 7],
  [[1, 2, 3, 4, 5], 1, 5],
])("of %j the quantile %d is %d", (values, part, expected) => {
  expect(quantile(values, part)).toBeCloseTo(expected);
});

test("nothing measured has no median", () => {
  expect(() => median([])).toThrow("no rounds");
});

test("equal rounds leave no doubt, the same rounds the same doubt", () => {
  expect(intervalOf([5, 5, 5, 5])).toEqual({ median: 5, low: 5, high: 5 });
  const rounds = [5, 9, 4, 6, 5, 30, 5, 7];
  expect(intervalOf(rounds)).toEqual(intervalOf(rounds));
});

test("the interval is around the median, and narrower with more rounds", () => {
  const rounds = (count: number) => Array.from({ length: count }, (_, at) => 100 + ((at * 7) % 11));
  const few = intervalOf(rounds(11));
  const many = intervalOf(rounds(110));
  for (const { median: middle, low, high } of [few, many]) {
    expect(low).toBeLessThanOrEqual(middle);
    expect(high).toBeGreaterThanOrEqual(middle);
  }
  expect(many.high - many.low).toBeLessThan(few.high - few.low);
});

test("one round that went wrong does not move the median", () => {
  expect(intervalOf([10, 11, 10, 9, 10, 900, 11]).median).toBe(10);
});

test("a ratio is taken round by round, so what slows a whole round cancels out", () => {
  const busy = [1, 3, 10, 2, 1.5];
  const ratio = ratioOf(
    busy.map((load) => 30 * load),
    busy.map((load) => 20 * load),
  );
  expect(ratio.median).toBeCloseTo(1.5);
  expect(ratio.high - ratio.low).toBeCloseTo(0);
});

test("rounds that do not belong together have no ratio", () => {
  expect(() => ratioOf([1, 2], [1])).toThrow("2 rounds beside 1");
});
