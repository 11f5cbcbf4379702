/** A sample of the random schedules; `npm run proof:random` plays a million. */
import { play } from "./random/play";
import { playSeries } from "./random/series";

const RUNS = Number(process.env["PROOF_RUNS"] ?? 2_000);
const SEED = Number(process.env["PROOF_SEED"] ?? Date.now() % 1_000_000);

test(`S44 S45 S47 S48 S49 S50: ${String(RUNS)} random schedules with seed ${String(SEED)} break no invariant`, async () => {
  const tally = await playSeries({ seed: SEED, from: 0, to: RUNS });
  expect({ seed: SEED, broken: tally.broken }).toEqual({ seed: SEED, broken: [] });
  expect(tally.runs).toBe(RUNS);
  expect(Object.keys(tally.byRotation).sort()).toEqual(["grace", "none", "strict"]);
  expect(tally.faulty).toBeGreaterThan(RUNS / 4);
});

test("seed and number repeat a run, step by step", async () => {
  const first = await play(7, 42, true);
  expect(first.schedule.length).toBeGreaterThan(1);
  expect(await play(7, 42, true)).toEqual(first);
  expect((await play(8, 42, true)).schedule).not.toEqual(first.schedule);
});
