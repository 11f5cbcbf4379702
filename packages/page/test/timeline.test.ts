import type { Call } from "../src/panel/steps";
import { layoutOf } from "../src/panel/timeline";

const call = (at: number, durationMs?: number, rest: Partial<Call> = {}): Call => ({
  at,
  from: "API",
  to: "DynamoDB",
  what: "GetItem",
  ...(durationMs !== undefined && { durationMs }),
  ...rest,
});
const label = ({ what }: Call) => what;
const lay = (calls: readonly Call[], width = 1_000) => layoutOf(calls, width, label);

test("time is to scale: twice as long is twice as wide", () => {
  const { bars } = lay([call(0, 100), call(100, 200), call(300, 100)]);
  const [one, two, three] = bars.map(({ width }) => width);
  expect(two! / one!).toBeCloseTo(2);
  expect(three).toBeCloseTo(one!);
});

test("what takes no time is still to be seen", () => {
  const { bars } = lay([call(0), call(100, 50)]);
  expect(bars[0]!.width).toBeGreaterThan(5);
});

test("silence is cut out, and its length is told", () => {
  const { cuts, bars } = lay([call(0, 50), call(9_000, 50)]);
  expect(cuts).toMatchObject([{ ms: 8_950 }]);
  expect(bars[1]!.width).toBeCloseTo(bars[0]!.width);
  expect(bars[1]!.x).toBeGreaterThan(cuts[0]!.x);
});

test("nothing is cut out where something is under way all the time", () => {
  expect(lay([call(0, 9_000), call(8_000, 50)]).cuts).toEqual([]);
});

test("a lane for each that asks or is asked, in the order of the architecture", () => {
  const calls = [
    call(0, 90, { from: "Browser", to: "API" }),
    call(1, 5, { to: "KMS" }),
    call(2, 5, { to: "Provider" }),
  ];
  expect(lay(calls).lanes.map(({ actor }) => actor)).toEqual(["Browser", "API", "KMS", "Provider"]);
});

test.each([320, 700, 1_800])("%d pixels: no label covers a bar or another label", (width) => {
  const calls = Array.from({ length: 30 }, (_, index) =>
    call(index * 13, 6, { what: `BatchGetItem RefreshTokens ${String(index)}` }),
  );
  const { bars } = lay(calls, width);
  const taken = bars.map(({ call: { what }, x, y, width: wide, label: text }) => {
    const length = text === undefined ? 0 : what.length * 6;
    return text?.anchor === "end"
      ? { y, from: x - length, to: x + wide }
      : { y, from: x, to: x + wide + length };
  });
  for (const [index, one] of taken.entries()) {
    expect(one.from).toBeGreaterThanOrEqual(0);
    expect(one.to).toBeLessThanOrEqual(width + 1);
    const others = taken.slice(index + 1).filter(({ y }) => y === one.y);
    const hasLabel = bars[index]?.label !== undefined;
    const covered = others.filter(({ from, to }) => hasLabel && from < one.to && one.from < to);
    expect(covered).toEqual([]);
  }
});

test("times at the axis are round, and have room", () => {
  const { ticks } = lay([call(0, 437)]);
  expect(ticks.map(({ ms }) => ms)).toEqual([0, 50, 100, 150, 200, 250, 300, 350, 400]);
});
