/**
 * Schedules that the exploration found (test/verification/explore): a doubt that nobody remembers,
 * and a doubt that nobody comes back for.
 */
import { type ActiveGrant, newestRefreshToken } from "../../../lambda/grant/grant";
import { createWorld, SUB, type World } from "../../support/exchange-world";

const LEASE_MS = 17_000;

async function put(world: World, change: (grant: ActiveGrant) => ActiveGrant): Promise<void> {
  const grant = await world.active();
  await world.store.write(change(grant), grant.revision);
}

/** A holder took the lease and was never heard of again; its watch is in the queue. */
async function abandon(world: World, owner: string): Promise<void> {
  const expiresAt = world.time.now() + LEASE_MS;
  const { grantId } = await world.grant();
  await put(world, (grant) => ({
    ...grant,
    lease: { owner, expiresAt, takenOver: grant.lease !== undefined },
  }));
  if (owner === "first") {
    await world.queue.recovery.watch({ sub: SUB, grantId, owner }, LEASE_MS / 1000);
  }
  world.time.advance(LEASE_MS);
}

test("a watch sees to a lease that was taken over by somebody who died before sending one", async () => {
  const world = await createWorld({ rotation: "grace" });
  await abandon(world, "first");
  await abandon(world, "second");
  while (await world.time.run(world.queue.deliver(world.consume)));
  expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0"]);
  expect((await world.grant()).lease).toBeUndefined();
  expect(await world.storedRefreshToken()).toBe("refresh-token-1");
});

test("a successor that comes while a strict provider refuses its predecessor may be revoked with it: that is marked in_doubt", async () => {
  const world = await createWorld({ rotation: "strict" });
  await world.get();
  world.time.advance(2 * 3_600_000);
  await abandon(world, "first");
  const answer = { outcome: { kind: "refused" } as const };
  world.tokenEndpoint.next(answer, answer);
  world.tokenEndpoint.during(async () => {
    await put(world, (grant) => ({ ...grant, inbox: [newestRefreshToken(grant)] }));
  });
  await expect(world.get()).rejects.toMatchObject({ reason: "in_doubt" });
  expect((await world.grant()).reason).toBe("in_doubt");
});
