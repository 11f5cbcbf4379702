import { replaceGrant } from "../../../lambda/grant/transitions";
import { LIST_SHARDS, toItem } from "../../../lambda/store/grant-item";
import { resourcesOf, stageWith, synthesize } from "../../lib/synth";
import { effectOf, sumOf } from "./analysis";
import { createBucket } from "./bucket";
import { planOf } from "./calendar";
import { DAY } from "./demand";
import { BATCH_SIZE, consumersOf } from "./recovery";
import { DEFAULT_SCENARIO, type Scenario, startFor } from "./scenario";
import { partitionOf } from "./services";
import { simulate } from "./simulate";
import { createVirtualClock } from "./virtual-clock";

/** Two hours around the outage's beginning, which is half an hour long. */
const OUTAGE = { from: 13, until: 13.5, kind: "timeout" } as const;
const SMALL: Scenario = {
  ...DEFAULT_SCENARIO,
  seed: 7,
  users: 400,
  agents: 400,
  hours: 2,
  from: startFor(2, OUTAGE),
  outage: OUTAGE,
};

test(`the same seed (${String(SMALL.seed)}) gives the same day, another one another`, async () => {
  const one = await simulate(SMALL);
  const again = await simulate(SMALL);
  const other = await simulate({ ...SMALL, seed: SMALL.seed + 1 });
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
});

test("an outage moves nothing in what people want", () => {
  const plans = (scenario: Scenario) => planOf(scenario, 3, 0);
  expect(plans({ ...SMALL, outage: undefined })).toEqual(plans(SMALL));
});

test("without an outage and within all limits everybody gets a token", async () => {
  const { minutes } = await simulate({ ...SMALL, outage: undefined });
  const { requests, kept, exchanged, refused, gaveUp } = sumOf(minutes);
  expect(requests).toBeGreaterThan(100);
  expect(kept + exchanged).toBe(requests);
  expect(kept).toBeGreaterThan(exchanged);
  expect({ refused, gaveUp }).toEqual({ refused: {}, gaveUp: 0 });
});

test.each(["none", "grace", "strict"] as const)(
  "after an outage it becomes normal again, rotation %s",
  async (rotation) => {
    const scenario = { ...SMALL, provider: { ...SMALL.provider, rotation } };
    const disturbed = await simulate(scenario);
    const usual = await simulate({ ...scenario, outage: undefined });
    const effect = effectOf(scenario, disturbed.minutes, usual.minutes);
    expect(effect?.during.tokens).toBe(0);
    expect(effect?.during.provider).toBeGreaterThan(0);
    expect(effect?.normalAfter).toBeLessThan(10);
    expect(effect?.after.tokens).toBeGreaterThan(effect?.usual.after.tokens ?? Infinity);
    expect(disturbed.backlog.at(-1)).toBe(0);
  },
);

test("a bucket keeps its rate also for those who ask for more than it holds", () => {
  const clock = createVirtualClock(0);
  let now = 0;
  const bucket = createBucket({ perSecond: 1, burst: 1 }, { ...clock, now: () => now });
  let taken = 0;
  for (now = 0; now < 1_000_000; now += 100) {
    taken += bucket.take(10) ? 10 : 0;
  }
  expect(taken).toBeGreaterThan(980);
  expect(taken).toBeLessThan(1_020);
});

test("the virtual clock keeps the order of time, and of asking where the time is the same", async () => {
  const clock = createVirtualClock(0);
  const seen: string[] = [];
  for (const [name, at] of [
    ["c", 30],
    ["a", 10],
    ["b", 10],
    ["d", 99],
  ] as const) {
    clock.at(at, () => seen.push(`${name}${String(clock.now())}`));
  }
  await clock.run(50);
  expect(seen).toEqual(["a10", "b10", "c30"]);
  expect(clock.now()).toBe(50);
});

test("a subject's partition is the one of its item", () => {
  for (let index = 0; index < 100; index += 1) {
    const sub = `urn:agent:${String(index)}`;
    const token = { ciphertext: new Uint8Array(), gen: 1 };
    const identity = { sub, grantId: "0.1", refreshToken: token };
    const { listKey } = toItem(replaceGrant(undefined, identity, { at: 0, by: "ada" }));
    expect(listKey).toBe(`active#${String(partitionOf(sub, LIST_SHARDS))}`);
  }
});

test("the recovery function's consumers are those of the template", () => {
  const rotating = stageWith({
    profile: "oidc",
    refreshTokenFormat: "jwt",
    refreshTokenRotation: "strict",
  });
  const { api } = synthesize({ ...rotating, recoveryConcurrency: 10 });
  const mappings = resourcesOf(api, "AWS::Lambda::EventSourceMapping").map(
    ([, { Properties }]) => ({
      batch: Properties["BatchSize"],
      most: (Properties["ScalingConfig"] as { MaximumConcurrency: number }).MaximumConcurrency,
    }),
  );
  const { watching, ordered } = consumersOf(10);
  expect(mappings).toEqual(
    expect.arrayContaining([
      { batch: BATCH_SIZE, most: watching },
      { batch: BATCH_SIZE, most: ordered },
    ]),
  );
});

test("a day's loads are as many as the model says", () => {
  const scenario = { ...SMALL, from: 0, hours: 24 };
  const agents = 500;
  const plans = Array.from({ length: agents }, (_, agent) => planOf(scenario, agent, 0)).flat();
  const perAgent = DAY.visits * DAY.loadsPerVisit + 24 * DAY.herdShare;
  expect(plans.length / agents / perAgent).toBeGreaterThan(0.9);
  expect(plans.length / agents / perAgent).toBeLessThan(1.05);
});
