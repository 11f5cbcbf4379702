import { readCounts } from "../cost/counts";
import { readQuotas } from "../cost/quotas";
import { busyness, DAY, peakOf } from "./demand";
import { indexUnits, paperRows } from "./paper";
import { rounded } from "./tables";

const counts = readCounts();
const quotas = readQuotas();
const metAt = (name: string, file = quotas) =>
  paperRows(counts, file).find((row) => row.name === name)?.metAt ?? 0;

test("what is met first comes first", () => {
  const order = paperRows(counts, quotas).map((row) => row.metAt);
  expect(order).toEqual([...order].sort((one, other) => one - other));
});

test("a quota is met at its limit over the units of one user in the busiest second", () => {
  const { kept, refresh, signIn } = peakOf();
  const { routes } = counts;
  const kms =
    kept * routes.kept_opened_by_kms.kmsRequests +
    refresh * routes.refresh.kmsRequests +
    signIn * routes.sign_in.kmsRequests;
  expect(metAt("KMS")).toBeCloseTo(100_000 / kms);
  expect(metAt("KMS elsewhere")).toBeCloseTo(10_000 / kms);
});

test.each(["kms", "tableWrites", "httpApi", "lambdaConcurrency"] as const)(
  "twice the quota of %s is met at twice the users",
  (name) => {
    const quota = quotas.items[name];
    const doubled = {
      ...quota,
      ...(quota.perSecond !== undefined && { perSecond: 2 * quota.perSecond }),
      ...(quota.atOnce !== undefined && { atOnce: 2 * quota.atOnce }),
    };
    const more = { ...quotas, items: { ...quotas.items, [name]: doubled } };
    expect(metAt(quota.short, more)).toBeCloseTo(2 * metAt(quota.short), 0);
  },
);

test("index writes: a sign-in moves its entry, a refresh at a rotating provider is due and done", () => {
  expect(indexUnits()).toEqual({ signIn: 2, refresh: 2 });
});

test("the day's mean is 1, its peak at the hour that the model says", () => {
  const hours = Array.from({ length: 24 }, (_, hour) => busyness(hour));
  expect(hours.reduce((sum, value) => sum + value, 0) / 24).toBeCloseTo(1);
  expect(Math.max(...hours)).toBeCloseTo(busyness(DAY.peakHour));
  expect(busyness(DAY.peakHour)).toBeCloseTo(DAY.peakToMean);
});

test("each quota has its page, and a code where Service Quotas raises it", () => {
  for (const { source, code } of Object.values(quotas.items)) {
    expect(source).toMatch(/^https:\/\/(?:docs\.aws\.amazon\.com|repost\.aws)\//);
    expect(code ?? "kms L-00000000").toMatch(/^[a-z]+ L-[0-9A-F]{8}$/);
  }
  expect(quotas.date).toMatch(/^\d{4}-\d\d-\d\d$/);
});

test.each([
  [0, "0"],
  [0.00046, "0.00046"],
  [87.4, "87"],
  [12_345, "12,300"],
  [Infinity, "never"],
])("%d reads as %s", (value, text) => {
  expect(rounded(value)).toBe(text);
});
