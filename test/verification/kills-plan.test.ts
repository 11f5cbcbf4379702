import type { CaseResult } from "./kills/case";
import { casesLeft, planCases } from "./kills/plan";
import { POINTS } from "./kills/points";
import { PROVIDER_NAMES } from "./kills/providers/provider";
import {
  collectLate,
  collectViolations,
  type KillsResult,
  type ResultsByProvider,
} from "./kills/results";
import { section } from "./kills/section";

const RUN = { kills: 10_000, seed: 7 } as const;

test("a run has as many kills as were asked for, and every point with every number of callers at each provider", () => {
  const plans = PROVIDER_NAMES.map((provider) => ({
    provider,
    cases: planCases({ ...RUN, provider }),
  }));
  expect(plans.reduce((total, { cases }) => total + cases.length, 0)).toBe(10_000);
  for (const { provider, cases } of plans) {
    const cells = new Set(cases.map(({ point, callers }) => `${point} ${callers}`));
    expect([provider, cells.size]).toEqual([provider, (provider === "none" ? 13 : 14) * 4]);
  }
});

test("a short run has every point already", () => {
  const cases = planCases({ ...RUN, provider: "grace", kills: 4 * 14 });
  expect(new Set(cases.map(({ point }) => point)).size).toBe(14);
});

test("the same seed makes the same run, another one another", () => {
  const plan = (seed: number) => planCases({ ...RUN, provider: "strict", seed });
  expect(plan(7)).toEqual(plan(7));
  expect(plan(8)).not.toEqual(plan(7));
});

test("crowds come after the others, and what was played does not come again", () => {
  const run = { ...RUN, provider: "none" } as const;
  const [small, crowds] = [
    casesLeft({ ...run, part: "small" }, []),
    casesLeft({ ...run, part: "crowds" }, []),
  ];
  expect(small.length + crowds.length).toBe(planCases(run).length);
  expect(crowds.every(({ callers }) => callers === 64)).toBe(true);
  const result = { outcome: "recovered", usableAfterMs: 1, answers: {}, exchanges: 1 } as const;
  const played = crowds.map((one) => ({ ...one, ...result, isRevoked: false, violations: [] }));
  expect(casesLeft({ ...run, part: "crowds" }, played)).toEqual([]);
});

test("what was late beside other kills and not alone is named, and what was late alone is not allowed", () => {
  const late = { index: 3, point: "K5", callers: 1, outcome: "recovered", answers: {} } as const;
  const isLate = { usableAfterMs: 25_040, violations: ["usable only after 25 s"] };
  const common = { ...late, exchanges: 1, isRevoked: false } as const;
  const first: CaseResult = { ...common, ...isLate };
  const left = (results: readonly CaseResult[]) =>
    casesLeft({ provider: "grace", kills: 40, seed: 7, part: "late" }, results);
  expect(left([first]).map(({ index }) => index)).toEqual([3]);
  expect(left([{ ...first, violations: ["outcome lost"] }])).toEqual([]);
  const again = { ...common, lateAmongOthersMs: 25_040 };
  const inTime: CaseResult = { ...again, usableAfterMs: 17_000, violations: [] };
  const lateAgain: CaseResult = { ...again, ...isLate, index: 4 };
  expect(left([inTime, lateAgain])).toEqual([]);
  const results: ResultsByProvider = new Map([["grace", [inTime, lateAgain]]]);
  expect(collectLate(results)).toEqual([
    { provider: "grace", case: "#3 K5 × 1", seconds: 25.04 },
    { provider: "grace", case: "#4 K5 × 1", seconds: 25.04 },
  ]);
  expect(collectViolations(results)).toEqual([
    { provider: "grace", case: "#4 K5 × 1: usable only after 25 s" },
  ]);
});

test("the section tells of what was lost and of what is not allowed", () => {
  const cell = { provider: "strict", point: "K9", callers: 2, cases: 3, recovered: 1 } as const;
  const result: KillsResult = {
    date: "2026-11-25T00:00:00.000Z",
    seed: 7,
    kills: 3,
    durationSeconds: 60,
    graceSeconds: 25,
    machine: "2 × CPU",
    node: "20",
    oidcProvider: "9",
    cells: [
      {
        ...cell,
        marked: 1,
        lostUnmarked: 1,
        revoked: 2,
        maxSecondsUntilUsable: 17.25,
        answers: { 200: 2, 500: 3, 503: 1 },
      },
    ],
    lateAmongOthers: [{ provider: "grace", case: "#3 K5 × 1", seconds: 25.04 }],
    violations: [{ provider: "strict", case: "#1 K9 × 2: outcome lost" }],
  };
  const text = section(result);
  expect(text).toMatch(/^## Real kills\n/);
  expect(text).toContain("| rotates strictly | 3 | 1 | 1 | 1 | 2 | 17.3 s |");
  expect(text).toContain("- strict #1 K9 × 2: outcome lost");
  expect(text).toContain("- grace #3 K5 × 1: 25.04 s");
  for (const { name } of POINTS) {
    expect(text).toContain(`| ${name} `);
  }
});
