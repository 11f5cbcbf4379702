import { planCases } from "../../proof/kills/plan";
import { POINTS } from "../../proof/kills/points";
import { PROVIDER_NAMES } from "../../proof/kills/providers/provider";
import type { KillsResult } from "../../proof/kills/results";
import { section } from "../../proof/kills/section";

const RUN = { kills: 10_000, seed: 7, hasWatchdog: true } as const;

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

test("the section tells of what was lost and of what is not allowed", () => {
  const cell = { provider: "strict", point: "K9", callers: 2, cases: 3, recovered: 1 } as const;
  const result: KillsResult = {
    ...{ date: "2026-11-25T00:00:00.000Z", seed: 7, kills: 3, durationSeconds: 60 },
    ...{ graceSeconds: 25, machine: "2 × CPU", node: "20", oidcProvider: "9" },
    cells: [
      {
        ...{ ...cell, marked: 1, lostUnmarked: 1, revoked: 2 },
        ...{ maxSecondsUntilUsable: 17.25, answers: { 200: 2, 500: 3, 503: 1 } },
      },
    ],
    violations: [{ provider: "strict", case: "#1 K9 × 2: outcome lost" }],
  };
  const text = section(result);
  expect(text).toMatch(/^## Real kills\n/);
  expect(text).toContain("| rotates strictly | 3 | 1 | 1 | 1 | 2 | 17.3 s |");
  expect(text).toContain("- strict #1 K9 × 2: outcome lost");
  for (const { name } of POINTS) {
    expect(text).toContain(`| ${name} `);
  }
});
