/**
 * A user moves while an exchange is under way, in doubt, or on its way through the queue: no
 * successor is lost, none revoked.
 */
import { UnavailableError } from "../../../lambda/errors";
import type { Grant } from "../../../lambda/grant/grant";
import type { GrantStore } from "../../../lambda/ports/stores";
import { postedSecret } from "../../support/client-credentials";
import { createMoveWorld, type MoveWorld, NEW, OLD, THIRD } from "../../support/move-world";

const DEAD = { owner: "dead", takenOver: false };

/** Its holder has spent the token, and what it got is in the queue: sealed for the old row. */
async function dieWithSpill(world: MoveWorld): Promise<void> {
  const { sealer, tokenEndpoint } = world.dependencies;
  await world.change(OLD, { lease: { ...DEAD, expiresAt: world.time.now() - 1 } });
  const outcome = await world.time.run(
    tokenEndpoint.refresh("first.0", postedSecret("secret"), OLD),
  );
  expect(outcome).toMatchObject({ refreshToken: "first.1" });
  const { grantId, revision } = (await world.grantOf(OLD))!;
  const key = await sealer.newKey({ sub: OLD, grantId, gen: revision });
  const refreshToken = { ciphertext: key.seal("first.1", "refresh_token"), gen: revision };
  await world.queue.recovery.spill({ sub: OLD, grantId, owner: "dead", refreshToken });
}

async function deliverAll(world: MoveWorld): Promise<void> {
  while (await world.time.run(world.queue.deliver(world.consume))) {
    // The next one.
  }
}

async function expectUsable(world: MoveWorld, sub: string, token: string): Promise<void> {
  expect(await world.tokenOf(sub)).toBe(token);
  expect(world.provider.isLive(token)).toBe(true);
  const { accessToken } = await world.time.run(world.of(sub).call(), world.handOut);
  expect(accessToken).toEqual(expect.any(String));
  expect(world.provider.reused).toEqual([]);
}

test.each(["none", "grace", "strict"] as const)(
  "an exchange under way is waited for, and its caller is served (rotation %s)",
  async (rotation) => {
    const world = await createMoveWorld({ rotation });
    const call = world.of(OLD).call();
    const [served, receipt] = await world.time.run(
      Promise.all([call, world.time.sleep(20).then(() => world.mover().move())]),
    );
    expect([served.accessToken, receipt.refreshToken]).toEqual(["access-1", "moved"]);
    await expectUsable(world, NEW, rotation === "none" ? "first.0" : "first.1");
  },
);

test("one that never ends is not waited for longer than a minute: nothing was done, and it can be repeated", async () => {
  const world = await createMoveWorld();
  await world.change(OLD, { lease: { ...DEAD, expiresAt: world.time.now() + 3_600_000 } });
  const begunAt = world.time.now();
  await expect(world.move()).rejects.toMatchObject({ reason: "exchange_in_progress" });
  expect(world.time.now() - begunAt).toBeGreaterThanOrEqual(60_000);
  expect(world.time.now() - begunAt).toBeLessThan(62_000);
  expect(await world.journal.read(OLD)).toBeUndefined();
  expect((await world.userItems.mover.find(NEW)).user).toBeUndefined();
  await world.change(OLD, { lease: undefined });
  expect(await world.move()).toMatchObject({ refreshToken: "moved" });
});

describe.each(["grace", "strict"] as const)("a lapsed lease (rotation %s)", (rotation) => {
  test("is left to the recovery function, which is asked once, and its successor moves", async () => {
    const world = await createMoveWorld({ rotation });
    await dieWithSpill(world);
    const deliver = async () => {
      const before = world.queue.items.length;
      await world.queue.deliver(world.consume);
      return world.queue.items.length < before;
    };
    const receipt = await world.time.run(world.mover().move(), deliver);
    expect(receipt).toMatchObject({ refreshToken: "moved" });
    expect((await world.grantOf(NEW))?.lease).toBeUndefined();
    await expectUsable(world, NEW, "first.1");
  });

  test("that nobody heals moves as it is, and a successor that comes late finds its way", async () => {
    const world = await createMoveWorld({ rotation });
    await dieWithSpill(world);
    const begunAt = world.time.now();
    await world.time.run(world.mover().move());
    expect(world.time.now() - begunAt).toBeGreaterThanOrEqual(30_000);
    expect(world.queue.items.filter(({ task }) => task.kind === "renew")).toHaveLength(1);
    expect((await world.grantOf(NEW))?.lease).toMatchObject({ owner: "dead" });
    await deliverAll(world);
    expect((await world.grantOf(NEW))?.lease).toBeUndefined();
    await expectUsable(world, NEW, "first.1");
  });
});

describe("a successor that comes when its row has left", () => {
  const withSpill = async () => {
    const world = await createMoveWorld({ rotation: "strict", hasQueue: false });
    await dieWithSpill(world);
    return world;
  };

  test("waits while the move has broken off, at any call", async () => {
    for (let fatal = 1; fatal < 60; fatal += 1) {
      const world = await withSpill();
      const dead = world.mover({ fatal, isApplied: true, calls: 0 });
      await world.time.run(dead.move()).catch(() => undefined);
      await deliverAll(world);
      await world.move();
      world.time.advance(60_000);
      await deliverAll(world);
      expect(world.queue.items).toEqual([]);
      await expectUsable(world, NEW, "first.1");
    }
  });

  test("follows however often the user was moved, and back", async () => {
    for (const way of [[THIRD], [THIRD, OLD]]) {
      const world = await withSpill();
      await world.move(OLD, NEW);
      let at = NEW;
      for (const next of way) {
        world.time.advance(1_000);
        // Nobody is moved to where they were moved from, but by signing in there.
        await (next === OLD && world.of(OLD).put());
        await world.move(at, next);
        at = next;
      }
      await deliverAll(world);
      await expectUsable(world, at, "first.1");
    }
  });

  test.each<[string, (world: MoveWorld) => Promise<unknown>]>([
    ["the new subject kept its own connection", (world) => world.join(NEW, "other")],
    [
      "the user signed in there since",
      async (world) => {
        await world.move();
        await world.of(NEW).signIn("other");
      },
    ],
    [
      "the user signed in under the old one since",
      async (world) => {
        await world.move();
        world.time.advance(1_000);
        await world.of(OLD).signIn("other");
        await world.time.run(world.of(NEW).disconnect());
        world.provider.issue("first");
        await world.time.run(
          world.dependencies.tokenEndpoint.refresh("first.0", postedSecret("secret"), OLD),
        );
      },
    ],
  ])("ends where nobody needs it, and is not revoked: %s", async (_, meanwhile) => {
    const world = await withSpill();
    await meanwhile(world);
    world.time.advance(1_000);
    await world.move().catch(() => undefined);
    await deliverAll(world);
    expect(world.provider.isLive("first.1")).toBe(true);
    expect(await world.tokenOf(NEW)).not.toBe("first.1");
  });

  test("does not replace what was exchanged under the new subject since", async () => {
    const world = await withSpill();
    await world.move();
    const grant = (await world.grantOf(NEW))!;
    const gen = grant.revision + 1;
    const key = await world.dependencies.sealer.newKey({ ...grant, gen });
    const refreshToken = { ciphertext: key.seal("first.2", "refresh_token"), gen };
    await world.change(NEW, { lease: undefined, refreshToken });
    await deliverAll(world);
    expect(await world.tokenOf(NEW)).toBe("first.2");
    expect(world.provider.isLive("first.1")).toBe(true);
  });
});

test("a holder that never heard of its commit revokes nothing when the row has left meanwhile", async () => {
  let isLost = false;
  const world: MoveWorld = await createMoveWorld({
    rotation: "strict",
    wrapPorts: (name, port) =>
      name !== "grants"
        ? port
        : {
            ...port,
            write: async (next: Grant, expected: number) => {
              const result = await (port as unknown as GrantStore).write(next, expected);
              if (!isLost && next.history.at(-1)?.outcome === "exchanged") {
                isLost = true;
                await world.mover().move();
                throw new UnavailableError("store_unavailable");
              }
              return result;
            },
          },
  });
  await expect(world.time.run(world.of(OLD).call())).rejects.toThrow();
  expect(isLost).toBe(true);
  expect(world.provider.isLive("first.1")).toBe(true);
  expect(world.queue.items.map(({ task }) => task.kind)).toContain("spill");
  await deliverAll(world);
  await expectUsable(world, NEW, "first.1");
});
