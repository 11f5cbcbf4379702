import { resourcesOf, synthesize } from "../../lib/synth";
import {
  bill,
  callsOf,
  type Counts,
  MONITORING,
  PLATFORM_LOG_BYTES,
  type Prices,
  total,
  type Usage,
} from "./bill";
import { readCounts, readPrices } from "./counts";

const USAGE: Usage = { users: 1_000, calls: 300, refreshPercent: 10, signIns: 4 };
const NOTHING = { dynamoReads: 0, dynamoWrites: 0, kmsRequests: 0, logBytes: 0 };
const COUNTS: Counts = {
  routes: {
    sign_in: { dynamoReads: 2, dynamoWrites: 5, kmsRequests: 1, logBytes: 400 },
    kept: NOTHING,
    kept_opened_by_kms: { dynamoReads: 2, dynamoWrites: 0, kmsRequests: 1, logBytes: 300 },
    refresh: { dynamoReads: 2, dynamoWrites: 6, kmsRequests: 2, logBytes: 500 },
    user: { dynamoReads: 2, dynamoWrites: 0, kmsRequests: 0, logBytes: 300 },
  },
  bytesPerUser: 4_000,
};
const { items: PRICES, ...LIST } = readPrices();

function amountsOf(usage: Usage): Readonly<Record<string, number>> {
  return Object.fromEntries(
    bill(usage, COUNTS, PRICES).map(({ item, amount }) => [item, Math.round(amount * 1e6) / 1e6]),
  );
}

test("each call is one of a route: what is not refreshed was kept, and a sign-in reads the user", () => {
  expect(callsOf(USAGE)).toEqual({
    sign_in: 4_000,
    user: 4_000,
    refresh: 30_000,
    kept: 0,
    kept_opened_by_kms: 270_000,
  });
});

test("the amounts are sums over all calls", () => {
  expect(amountsOf(USAGE)).toEqual({
    httpApi: 308_000,
    lambdaRequests: 308_000,
    lambdaDuration: 0.5 * (4_000 * 0.35 + 4_000 * 0.015 + 30_000 * 0.3 + 270_000 * 0.025),
    dynamoWrites: 4_000 * 5 + 30_000 * 6,
    dynamoReads: 308_000 * 2,
    dynamoStorage: 0.004,
    dynamoBackup: 0.004,
    kmsRequests: 4_000 + 270_000 + 60_000,
    kmsKeys: 2,
    secrets: 1,
    logs:
      (4_000 * 400 + 4_000 * 300 + 30_000 * 500 + 270_000 * 300 + 308_000 * PLATFORM_LOG_BYTES) /
      1e9,
    customMetrics: 30,
    alarmMetrics: 63,
    compositeAlarms: 7,
    dashboards: 1,
  });
});

test("without users only keys, the secret and the monitoring cost", () => {
  const lines = bill({ ...USAGE, users: 0 }, COUNTS, PRICES);
  expect(lines.filter(({ usd }) => usd > 0).map(({ item }) => item)).toEqual([
    "kmsKeys",
    "secrets",
    "customMetrics",
    "alarmMetrics",
    "compositeAlarms",
    "dashboards",
  ]);
  expect(total(lines)).toBeCloseTo(2.4 + 9 + 6.3 + 3.5 + 3);
});

test("a line is its amount times its price", () => {
  const prices: Prices = { ...PRICES, kmsRequests: { title: "K", usd: 2, per: 1_000, unit: "r" } };
  const line = bill(USAGE, COUNTS, prices).find(({ item }) => item === "kmsRequests");
  expect(line).toMatchObject({ title: "K", unit: "r", usd: 2 * 334 });
});

test("every price has a source, the list a date and a region", () => {
  expect(LIST).toMatchObject({
    region: "us-east-1",
    date: /^\d{4}-\d\d-\d\d$/.exec(LIST.date)?.[0],
  });
  const sources = Object.values(PRICES).map((price) => (price as { source?: string }).source);
  expect(sources.filter((source) => !source?.startsWith("https://aws.amazon.com/"))).toEqual([]);
});

test("ten times as many users cost at most ten times as much", () => {
  const of = (users: number) => total(bill({ ...USAGE, users }, readCounts(), PRICES));
  for (const users of [1_000, 10_000, 1_000_000]) {
    expect(of(users * 10)).toBeLessThanOrEqual(of(users) * 10);
  }
});

test("the monitoring is what the template has", () => {
  const { api } = synthesize();
  const metrics = resourcesOf(api, "AWS::CloudWatch::Alarm").flatMap(
    ([, { Properties }]) => Properties["Metrics"] as readonly { readonly MetricStat?: object }[],
  );
  expect({
    alarmMetrics: metrics.filter(({ MetricStat }) => MetricStat !== undefined).length,
    compositeAlarms: resourcesOf(api, "AWS::CloudWatch::CompositeAlarm").length,
    dashboards: resourcesOf(api, "AWS::CloudWatch::Dashboard").length,
  }).toEqual(MONITORING);
});
