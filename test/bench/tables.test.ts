import { bars } from "./bars";
import type { Budget } from "./budgets";
import type { Row } from "./results";
import type { Interval } from "./statistics";
import { budgetTable, knownList, readmeTable, TABLES } from "./tables";
import type { Judged } from "./verdict";

const at = (median: number, spread = 0): Interval => ({
  median,
  low: median - spread,
  high: median + spread,
});
const BUDGET: Budget = { title: "writes", part: "growth", rows: "every", most: 3, source: "s" };
const row = (name: string, candidate: string, more: Partial<Row> = {}): Row => ({
  name,
  candidate,
  node: "24",
  figures: {},
  ...more,
});

test("a budget says what it is, with its noise where it has any, and why it is missed", () => {
  const known = { reason: "the platform", decision: "0060-x.md", ceiling: 8 };
  const judged: readonly Judged[] = [
    { budget: BUDGET, row: row("exchange", "ours"), value: at(3), verdict: "held" },
    { budget: { ...BUDGET, title: "cpu" }, value: at(4, 0.5), verdict: "missed" },
    { budget: { ...BUDGET, title: "k", known }, value: at(8), verdict: "known" },
    { budget: BUDGET, verdict: "absent" },
  ];
  const [, , ...lines] = budgetTable(judged).split("\n");
  expect(lines).toEqual([
    "| writes | exchange | 3 | 3 | holds |",
    "| cpu | – | 3 | 4 (3.5 to 4.5) | **missed** |",
    "| k | – | 3 | 8 | **missed**, known |",
    "| writes | – | 3 | – | not measured |",
  ]);
  const link = "[decision 0060](decisions/0060-x.md)";
  expect(knownList(judged)).toBe(`- k: the platform\n  (${link})`);
});

test("growth shows a figure once where it is the same for all sizes", () => {
  const counted = (users: number, bytes: number) =>
    row("exchange", "ours", {
      counts: { users, dynamoCalls: 3, reads: 1, writes: 3, bytes, kmsCalls: 2, memoryMb: 90 },
    });
  const text = TABLES.growth([counted(1_000, 500), counted(10_000, 510)]);
  expect(text).toContain("| exchange | 3 | 1 | 3 | 500 · 510 | 2 | 90 |");
  expect(text).toContain("Users: 1,000, 10,000.");
});

test("a peer that was not measured leaves a dash, not a number", () => {
  const text = TABLES.warm([row("PUT /me", "ours", { figures: { cpuUs: at(900) } })]);
  expect(text).toContain("| PUT /me | – | 900 | – | – | – | – · – |");
});

test("of nothing the README says nothing, and no number", () => {
  expect(readmeTable({})).not.toMatch(/NaN|undefined/);
});

test("a picture has a bar for each candidate and one scale for all", () => {
  const rows = ["ours", "floor"].map((candidate) =>
    row("PUT /me", candidate, { figures: { cpuUs: at(candidate === "ours" ? 200 : 100, 5) } }),
  );
  const svg = bars({ title: "T", figure: "cpuUs", rows, candidates: ["floor", "ours"] });
  const ends = [...svg.matchAll(/class="bar \w+" d="M190 [\d.]+H([\d.]+)"/g)].map(([, x]) =>
    Number(x),
  );
  const [floor = 0, ours = 0] = ends;
  expect(ends).toHaveLength(2);
  expect((ours - 190) / (floor - 190)).toBeCloseTo(2, 1);
});
