/**
 * The process that takes over after a kill may be killed, too; the promise then counts from that
 * kill.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { CaseResult } from "./kills/case";
import type { Point } from "./kills/points";
import { untilKilled } from "./kills/run";
import { runSecondKill } from "./kills/second";
import { type KillWorld, startKillWorld } from "./kills/world";

jest.setTimeout(300_000);

const POINTS: readonly Point[] = ["K1", "K5", "K6", "K7", "K9", "K12"];
const PROVIDERS = ["grace", "strict"] as const;
/**
 * Keeps messages apart: a batch has one process, which dies only once. If messages meet, the case
 * is repeated.
 */
const APART_MS = 3_000;
const ATTEMPTS = 3;

async function killTwice(world: KillWorld, point: Point): Promise<CaseResult> {
  const user = await world.provider.signIn();
  await world.connect(user);
  return await runSecondKill(world, user, point);
}

describe("the recovery function is killed, too, after it took over from a holder that was", () => {
  const results = new Map<string, readonly CaseResult[]>();

  beforeAll(async () => {
    const runs = PROVIDERS.map(async (provider) => {
      const world = await startKillWorld({ provider, concurrency: POINTS.length });
      const cases = POINTS.map(async (point, index) => {
        await sleep(index * APART_MS);
        return await untilKilled(async () => await killTwice(world, point), ATTEMPTS);
      });
      results.set(provider, await Promise.all(cases));
      await world.close();
    });
    await Promise.all(runs);
  });

  test.each(PROVIDERS)(
    "%s: usable again within 25 s of that kill, or lost where the table says so, and marked",
    (provider) => {
      const of = results.get(provider) ?? [];
      const violations = of.map((result) => [result.point, result.violations]);
      expect(violations).toEqual(POINTS.map((point) => [point, []]));
      const marked = of.filter(({ outcome }) => outcome === "marked").map(({ point }) => point);
      expect(marked).toEqual(provider === "strict" ? ["K9"] : []);
    },
  );
});
