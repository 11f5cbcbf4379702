import { SWEEP_EVERY_MS, SWEEP_MS } from "../../../lambda/deadlines";
import { createDueAt } from "../../../lambda/grant/phase";
import { asActive, SUB } from "../../support/exchange-world";
import {
  createRecoverable,
  dieMidExchange,
  doubtful,
  refused,
} from "../../support/recoverable-world";

describe("keep-alive", () => {
  const IDLE_SECONDS = 30 * 86_400;
  const dueAt = createDueAt({
    refreshToken: { format: "opaque", rotation: "none", idleSeconds: IDLE_SECONDS },
  });

  async function createIdle() {
    return await createRecoverable({ rotation: "none", ...(dueAt && { dueAt }) });
  }

  test("renews a grant that nobody used for half of the time that its provider allows", async () => {
    const world = await createIdle();
    world.time.advance((IDLE_SECONDS * 1000) / 2);
    await world.queue.renewals.renew([{ sub: SUB, delaySeconds: 3 }]);
    expect(await world.deliver()).toBe(0);
    world.time.advance(3_000);
    expect(await world.deliver()).toBe(1);
    expect(world.tokenEndpoint.presented).toHaveLength(1);
    expect(dueAt?.(await world.grant())).toBe(
      ((await world.grant()).lastExchangeAt ?? 0) + (IDLE_SECONDS * 1000) / 2,
    );
  });

  test("asks nobody where somebody was there first, however often the message comes", async () => {
    const world = await createIdle();
    world.time.advance((IDLE_SECONDS * 1000) / 2);
    await world.get();
    await world.queue.renewals.renew([{ sub: SUB, delaySeconds: 0 }]);
    world.queue.duplicate("renew");
    expect(await world.deliver()).toBe(2);
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("that fails is not tried again by the queue: it stays due, after its cooldown", async () => {
    const world = await createIdle();
    world.time.advance((IDLE_SECONDS * 1000) / 2);
    world.tokenEndpoint.next({ outcome: doubtful(90) });
    await world.queue.renewals.renew([{ sub: SUB, delaySeconds: 0 }]);
    await world.deliver();
    expect(world.queue.items).toEqual([]);
    const grant = await world.grant();
    expect(dueAt?.(grant)).toBe(grant.cooldown?.until);
  });

  /** The longest time for which the token was unused in a day, in seconds. */
  async function longestGap(idleSeconds: number, firstRun: number): Promise<number> {
    const due = createDueAt({
      refreshToken: { format: "opaque", rotation: "none", idleSeconds },
    });
    const world = await createRecoverable({ rotation: "none", ...(due && { dueAt: due }) });
    const start = world.time.now();
    let usedAt = (await world.grant()).since;
    let longest = 0;
    for (let run = start + firstRun; run < start + 86_400_000; run += SWEEP_EVERY_MS) {
      world.time.advance(run - world.time.now());
      if ((due?.(await world.grant()) ?? Infinity) > run) {
        continue;
      }
      // The last grant of a run that is as long as it may be, and finds as much as it may.
      await world.queue.renewals.renew([
        { sub: SUB, delaySeconds: (SWEEP_MS + SWEEP_EVERY_MS) / 1000 - 1 },
      ]);
      world.time.advance(SWEEP_MS + SWEEP_EVERY_MS - 1_000);
      expect(await world.deliver()).toBe(1);
      const { lastExchangeAt = 0 } = await world.grant();
      longest = Math.max(longest, lastExchangeAt - usedAt);
      usedAt = lastExchangeAt;
      run += SWEEP_EVERY_MS;
    }
    return longest / 1000;
  }

  test.each([1_374, 1_800, 3_600])(
    "keeps a token that lapses after %d unused seconds alive, however the runs fall, and however much is due",
    async (idleSeconds) => {
      const gaps: number[] = [];
      for (let firstRun = 0; firstRun < SWEEP_EVERY_MS; firstRun += 20_000) {
        gaps.push(await longestGap(idleSeconds, firstRun));
      }
      // Recovery has the rest, and fifteen seconds for a refresh.
      expect(Math.max(...gaps)).toBeLessThan(idleSeconds - 19);
      expect(Math.min(...gaps)).toBeGreaterThan(idleSeconds / 2);
    },
  );

  test("nothing is due with a provider that neither rotates nor lets tokens lapse", () => {
    const refreshToken = { format: "jwt", rotation: "none" } as const;
    expect(createDueAt({ refreshToken })).toBeUndefined();
  });

  test("with a rotating provider a lease is due when it ends, and nothing else is", async () => {
    const rotating = createDueAt({ refreshToken: { format: "opaque", rotation: "strict" } });
    const world = await createRecoverable();
    expect(rotating?.(await world.grant())).toBeUndefined();
    await dieMidExchange(world);
    const grant = await world.grant();
    expect(rotating?.(grant)).toBe(grant.lease?.expiresAt);
    expect(rotating?.(refused(asActive(grant)))).toBeUndefined();
  });
});
