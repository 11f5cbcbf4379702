/**
 * A disconnect that has raised its mark and not written its row yet, beside a move: its token is
 * revoked, or lives on under the new subject; it is never dropped alive.
 */
import type { Grant } from "../../../lambda/grant/grant";
import type { GrantStore } from "../../../lambda/ports/stores";
import { createMoveWorld, isConnected, type MoveWorld, NEW, OLD } from "../../support/move-world";

const PUT_BACK_MS = 3_600_000;

/** When the mark is raised: at the move's third look at the old row, or just before its lock. */
type Moment = "find" | "lock";

interface Halves {
  /** Raises the mark, and goes on with `write` in the place of the write of the row. */
  readonly begin: (world: MoveWorld) => Promise<unknown>;
  readonly write: (world: MoveWorld, real: () => Promise<unknown>) => Promise<unknown>;
}

/** A world in which `begin` comes up to its write at that moment of the first move. */
async function createHalvedWorld(moment: Moment, { begin, write }: Halves) {
  const state: { begun?: Promise<unknown>; looks: number } = { looks: 0 };
  let marked: (() => void) | undefined;
  const isMarked = new Promise<void>((resolve) => {
    marked = resolve;
  });
  const world: MoveWorld = await createMoveWorld({
    wrapPorts: (name, port) =>
      new Proxy(port, {
        get(target, method) {
          const real = Reflect.get(target, method) as (...all: unknown[]) => Promise<unknown>;
          return async (...all: unknown[]) => {
            if (name === "move.grants" && method === moment && all[0] === OLD) {
              state.looks += 1;
              if (state.looks === (moment === "find" ? 3 : 1)) {
                state.begun = begin(world).catch((error: unknown) => error);
                await isMarked;
              }
            }
            if (name === "grants" && method === "write" && state.begun !== undefined) {
              return await write(world, () => real(...all));
            }
            const answer = await real(...all);
            if (name === "ended" && method === "raise") {
              marked?.();
            }
            return answer;
          };
        },
      }),
  });
  return { world, begun: async () => await state.begun };
}

const disconnectOld = (world: MoveWorld) => world.of(OLD).disconnect();

/** The function is ended before its write. */
const die = () => Promise.reject(new Error("killed"));

async function later(world: MoveWorld, real: () => Promise<unknown>): Promise<unknown> {
  await world.time.sleep(2_000);
  return await real();
}

test("the move waits where the mark is raised before it locks: the token is revoked", async () => {
  const { world, begun } = await createHalvedWorld("find", { begin: disconnectOld, write: later });
  expect(await world.move()).toMatchObject({ refreshToken: "none", user: "created" });
  expect(await world.time.run(begun())).toBeUndefined();
  expect(world.provider.isLive("first.0")).toBe(false);
  expect(await isConnected(world, NEW)).toBe(false);
});

test("a disconnect whose mark comes with the lock is told to come again: the token moves", async () => {
  const { world, begun } = await createHalvedWorld("lock", { begin: disconnectOld, write: later });
  const receipt = await world.move();
  expect(receipt).toMatchObject({ refreshToken: "moved" });
  // The row has left by the time of the write.
  expect(await world.time.run(begun())).toMatchObject({ reason: "erased_user" });
  expect(await world.tokenOf(NEW)).toBe("first.0");
  expect(world.provider.isLive("first.0")).toBe(true);
  expect(await isConnected(world, NEW)).toBe(true);
});

test("and the token moves wherever the move breaks off between", async () => {
  for (let fatal = 1; fatal < 60; fatal += 1) {
    const world = await createMoveWorld();
    const dead = world.mover({ fatal, isApplied: true, calls: 0 });
    await world.time.run(dead.move()).catch(() => undefined);
    const { isLocked } = await world.store.mover.find(OLD);
    // A disconnect that had read the row before the lock.
    await (isLocked && world.marks.raise(OLD, world.time.now()));
    expect(await world.move()).toMatchObject({ refreshToken: "moved" });
    expect(await world.tokenOf(NEW)).toBe("first.0");
  }
});

test("what was put back before does not come to life by a mark that comes with the lock", async () => {
  for (let fatal = 1; fatal < 60; fatal += 1) {
    const world = await createMoveWorld();
    await world.marks.raise(OLD, world.time.now());
    world.time.advance(PUT_BACK_MS);
    const dead = world.mover({ fatal, isApplied: true, calls: 0 });
    await world.time.run(dead.move()).catch(() => undefined);
    const { isLocked } = await world.store.mover.find(OLD);
    await (isLocked && world.marks.raise(OLD, world.time.now()));
    expect(await world.move()).toMatchObject({ refreshToken: "none" });
    expect(await isConnected(world, NEW)).toBe(false);
  }
});

describe("where it has died after its mark", () => {
  test("the move is refused after a minute: disconnected again, the token is revoked", async () => {
    const state = { isDead: true };
    const { world } = await createHalvedWorld("find", {
      begin: disconnectOld,
      write: async (_, real) => await (state.isDead ? die() : real()),
    });
    const begunAt = world.time.now();
    const refused = { reason: "disconnecting_from" };
    await expect(world.move()).rejects.toMatchObject(refused);
    expect(world.time.now() - begunAt).toBeGreaterThanOrEqual(60_000);
    expect(world.time.now() - begunAt).toBeLessThan(62_000);
    expect([await world.journal.read(OLD), await world.tokenOf(OLD)]).toEqual([
      undefined,
      "first.0",
    ]);
    const againAt = world.time.now();
    await expect(world.move()).rejects.toMatchObject(refused);
    expect(world.time.now()).toBe(againAt);
    state.isDead = false;
    await world.time.run(world.of(OLD).disconnect());
    expect(world.provider.isLive("first.0")).toBe(false);
    expect(await world.move()).toMatchObject({ refreshToken: "none", user: "created" });
  });

  test("an erasure is what the operator is told of", async () => {
    const { world } = await createHalvedWorld("find", {
      begin: (unfinished) => unfinished.of(OLD).erase(),
      write: die,
    });
    await expect(world.move()).rejects.toMatchObject({ reason: "erased_from" });
    expect(await world.journal.read(OLD)).toBeUndefined();
  });

  test("under the new subject, its token is not overwritten", async () => {
    const state = { isDead: true };
    const world = await createMoveWorld({
      wrapPorts: (name, port) =>
        name !== "grants"
          ? port
          : {
              ...port,
              write: async (next: Grant, expected: number) =>
                await (state.isDead && next.status === "disconnecting"
                  ? die()
                  : (port as unknown as GrantStore).write(next, expected)),
            },
    });
    await world.join(NEW, "other");
    await expect(world.of(NEW).disconnect()).rejects.toThrow("killed");
    await expect(world.look()).rejects.toMatchObject({ reason: "disconnecting_to" });
    await expect(world.move()).rejects.toMatchObject({ reason: "disconnecting_to" });
    state.isDead = false;
    await world.time.run(world.of(NEW).disconnect());
    expect(world.provider.isLive("other.0")).toBe(false);
    expect(await world.move()).toMatchObject({ refreshToken: "moved" });
  });
});
