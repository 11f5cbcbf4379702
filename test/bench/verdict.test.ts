import type { Budget } from "./budgets";
import type { Results, Row } from "./results";
import type { Interval } from "./statistics";
import { judge, judgeAll } from "./verdict";

const between = (low: number, median: number, high: number): Interval => ({ low, median, high });
const known = { reason: "r", decision: "d.md", ceiling: 3 };

test.each([
  ["below", between(0.5, 0.6, 0.7), undefined, "held"],
  ["at the budget", between(0.9, 1, 1.1), undefined, "held"],
  ["below, whatever the noise", between(0.5, 0.9, 2), undefined, "held"],
  ["above, by less than the noise", between(0.9, 1.1, 1.3), undefined, "unclear"],
  ["above, beyond the noise", between(1.01, 1.1, 1.3), undefined, "missed"],
  ["above, and that is known", between(2, 2.2, 2.4), known, "known"],
  ["above even what is known, within the noise", between(2.9, 3.2, 3.4), known, "known"],
  ["above even what is known", between(3.1, 3.2, 3.4), known, "missed"],
  ["better than what is known", between(0.5, 0.6, 0.7), known, "held"],
] as const)("%s", (_, value, reason, expected) => {
  expect(judge(value, { most: 1, ...(reason && { known: reason }) })).toBe(expected);
});

const BUDGET: Budget = {
  title: "t",
  part: "warm",
  rows: "every",
  node: "24",
  against: "floor",
  most: 2,
  source: "s",
};
const row = (node: string, candidate: string, ratio: number): Row => ({
  name: "PUT /me",
  node,
  candidate,
  figures: { cpuUs: between(9, 10, 11) },
  ratios: { floor: between(ratio, ratio, ratio) },
  counts: { writes: 3 },
});
const machine = {} as NonNullable<Results["warm"]>["machine"];
const results = (...rows: readonly Row[]): Results => ({ warm: { machine, rounds: 1, rows } });
const verdicts = (budget: Budget, given: Results) =>
  judgeAll([budget], given).map(({ verdict }) => verdict);

test("a budget is for its own rows, node and candidate", () => {
  const given = results(row("20", "ours", 9), row("24", "typical", 9), row("24", "ours", 1));
  expect(verdicts(BUDGET, given)).toEqual(["held"]);
  expect(verdicts({ ...BUDGET, candidate: "typical" }, given)).toEqual(["missed"]);
});

test("every row has to hold", () => {
  expect(verdicts(BUDGET, results(row("24", "ours", 1), row("24", "ours", 5)))).toEqual([
    "held",
    "missed",
  ]);
});

test("what is the same for any number of users is said once", () => {
  const same = row("24", "ours", 5);
  expect(verdicts(BUDGET, results(same, { ...same, counts: { users: 10 } }))).toEqual(["missed"]);
});

test.each([
  ["a part that did not run", BUDGET, {}],
  ["a row that is not there", { ...BUDGET, rows: ["GET /me"] }, results(row("24", "ours", 1))],
  ["a peer that is not there", { ...BUDGET, against: "nobody" }, results(row("24", "ours", 1))],
])("%s is not a budget that holds", (_, budget, given) => {
  expect(verdicts(budget, given)).toEqual(["absent"]);
});

test.each([
  ["writes", 2, "missed"],
  ["writes", 3, "held"],
  ["cpuUs", 9.5, "unclear"],
])("%s of at most %d", (of, most, expected) => {
  const { against, ...budget } = BUDGET;
  expect(against).toBeDefined();
  expect(verdicts({ ...budget, of, most }, results(row("24", "ours", 1)))).toEqual([expected]);
});
