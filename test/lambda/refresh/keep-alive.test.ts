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
