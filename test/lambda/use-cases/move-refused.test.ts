/** A move that is refused, or only looked at, changes nothing. */
import {
  createMoveWorld,
  isConnected,
  type MoveWorld,
  NEW,
  OLD,
  THIRD,
} from "../../support/move-world";

describe("nothing is written", () => {
  type Prepare = (world: MoveWorld) => Promise<unknown>;
  const erased: Prepare = async (world) => await world.time.run(world.of(NEW).erase());

  test.each<[string, string, string, Prepare]>([
    ["same_subject", OLD, OLD, () => Promise.resolve()],
    ["unknown_from", THIRD, NEW, () => Promise.resolve()],
    ["unknown_from", "\u00a7issuance", NEW, () => Promise.resolve()],
    ["unknown_from", "", NEW, () => Promise.resolve()],
    ["invalid_to", OLD, "nobody", () => Promise.resolve()],
    ["invalid_to", OLD, "\u00a7issuance", () => Promise.resolve()],
    ["moved_from", OLD, NEW, async (world) => await world.move(OLD, THIRD)],
    ["erased_from", OLD, NEW, async (world) => await world.time.run(world.of(OLD).erase())],
    [
      "erased_to",
      OLD,
      NEW,
      async (world) => {
        await world.join(NEW, "other");
        await erased(world);
      },
    ],
    [
      "moved_to",
      OLD,
      NEW,
      async (world) => {
        await world.join(NEW, "other");
        await world.move(NEW, THIRD);
      },
    ],
    [
      "other_move",
      OLD,
      NEW,
      async (world) => {
        const dead = world.mover({ fatal: 20, isApplied: true, calls: 0 });
        await world.time.run(dead.move(OLD, THIRD)).catch(() => undefined);
      },
    ],
    [
      "attributes_too_large",
      OLD,
      NEW,
      async (world) => {
        await world.join(NEW, "other", { large: "x".repeat(8_170) });
      },
    ],
    [
      "disconnecting_from",
      OLD,
      NEW,
      async (world) => {
        await world.change(OLD, { status: "disconnecting", reason: "disconnected" });
      },
    ],
    [
      "disconnecting_from",
      OLD,
      NEW,
      async (world) => {
        await world.marks.raise(OLD, world.time.now());
      },
    ],
    [
      "disconnecting_to",
      OLD,
      NEW,
      async (world) => {
        await world.join(NEW, "other");
        await world.marks.raise(NEW, world.time.now());
      },
    ],
  ])("where it is refused: %s (%s to %s)", async (reason, from, to, prepare) => {
    const world = await createMoveWorld();
    await prepare(world);
    const state = async () =>
      await Promise.all(
        [OLD, NEW, THIRD].flatMap((sub) => [
          world.userItems.mover.find(sub),
          world.store.mover.find(sub),
          world.journal.read(sub),
          world.marks.read(sub),
        ]),
      );
    const before = await state();
    await expect(world.look(from, to)).rejects.toMatchObject({ reason });
    await expect(world.move(from, to)).rejects.toMatchObject({ reason });
    expect(await state()).toEqual(before);
  });

  test("where another move begins between the look and the journal", async () => {
    const state = { isBlind: false };
    const world = await createMoveWorld({
      wrapPorts: (name, port) =>
        name !== "move.journal"
          ? port
          : new Proxy(port, {
              get: (target, method): unknown =>
                method === "read" && state.isBlind
                  ? () => Promise.resolve(undefined)
                  : Reflect.get(target, method),
            }),
    });
    await world.join(THIRD, "third");
    const dead = world.mover({ fatal: 12, isApplied: true, calls: 0 });
    await world.time.run(dead.move(THIRD, NEW)).catch(() => undefined);
    const other = await world.journal.read(NEW);
    expect(other).toMatchObject({ from: THIRD });
    state.isBlind = true;
    const refused = { reason: "other_move", others: [THIRD, NEW] };
    await expect(world.move(OLD, NEW)).rejects.toMatchObject(refused);
    expect([await world.journal.read(OLD), await world.journal.read(NEW)]).toEqual([
      undefined,
      other,
    ]);
  });

  test("by a dry run, which says what would be done and whether it was", async () => {
    const world = await createMoveWorld();
    await world.join(NEW, "other", { plan: "new" });
    const before = JSON.stringify([await world.grantOf(OLD), await world.grantOf(NEW)]);
    expect(await world.look()).toEqual({
      kind: "plan",
      sessions: 1,
      plan: {
        user: "merged",
        refreshToken: "kept_target",
        mustWait: false,
        kept: ["theme"],
        dropped: ["plan"],
      },
    });
    expect(JSON.stringify([await world.grantOf(OLD), await world.grantOf(NEW)])).toBe(before);
    const dead = world.mover({ fatal: 20, isApplied: true, calls: 0 });
    await world.time.run(dead.move()).catch(() => undefined);
    expect(await world.look()).toEqual({ kind: "unfinished" });
    const receipt = await world.move();
    expect(await world.look()).toEqual({ kind: "done", receipt });
  });

  test("where the key may not be used", async () => {
    const denied = { newKey: () => Promise.reject(new Error("denied")) };
    const world = await createMoveWorld({
      wrapCipher: (cipher) => ({
        newKey: (context) => (context.sub === OLD ? cipher.newKey(context) : denied.newKey()),
        open: (sealed, context) => cipher.open(sealed, context),
      }),
    });
    for (const act of [world.look, world.move]) {
      await expect(act()).rejects.toThrow("denied");
    }
    expect(await world.tokenOf(OLD)).toBe("first.0");
    expect(await world.journal.read(OLD)).toBeUndefined();
    expect(await isConnected(world, OLD)).toBe(true);
  });
});
