/** What a holder does before a rotating token is spent, call by call. */
import { startWatchdog } from "../../../lambda/refresh/exchange";
import { createTaken, DEAD } from "../../support/taken";

describe("before a rotating token is spent", () => {
  test("nothing is done for a provider that does not rotate", async () => {
    const { world, dependencies, before, held } = await createTaken({ rotation: "none" });
    await startWatchdog(dependencies, held, before);
    expect(world.queue.items).toEqual([]);
  });

  test.each([
    [6_000, "armed"],
    [5_999, "too_little_time_left"],
  ])("%d ms must be left for the request and its commit: %s", async (timeLeftMs, expected) => {
    const taken = await createTaken({ rotation: "grace", timeLeftMs, before: { lease: DEAD } });
    const outcome = await startWatchdog(taken.dependencies, taken.held, taken.before).then(
      () => "armed",
      (error: unknown) => (error as { reason: unknown }).reason,
    );
    expect(outcome).toBe(expected);
    const { lease } = await taken.world.grant();
    expect(lease).toEqual(expected === "armed" ? taken.held.grant.lease : DEAD);
  });

  test("the message is for the end of the lease, in whole seconds, and nobody waits", async () => {
    const taken = await createTaken({ before: { lease: DEAD } });
    await startWatchdog(taken.dependencies, taken.held, taken.before);
    expect(taken.world.queue.items).toMatchObject([{ task: { kind: "watch", owner: "me" } }]);
    expect(taken.world.queue.items[0]?.visibleAt).toBe(taken.held.grant.lease.expiresAt);
    expect(taken.pauses).toEqual([]);
  });
});
