/** Who else acts on either subject while a user moves, and what must hold afterwards. */
import { attributesOf, usable } from "./move-race";
import { type MoveWorld, NEW, OLD } from "./move-world";

interface Rival {
  readonly name: string;
  act(world: MoveWorld): Promise<unknown>;
  /** After the move was finished; `hasActed`: the rival was told that it is done. */
  check(world: MoveWorld, hasActed: boolean, tokens: Record<string, string>): Promise<void>;
}

/**
 * The user loses nothing: what was there is under one of the two subjects, and the new one if the
 * move went through.
 */
async function assertKept(world: MoveWorld, tokens: Record<string, string>): Promise<void> {
  expect(await attributesOf(world, NEW)).toEqual(expect.arrayContaining(["theme", "plan"]));
  expect(await attributesOf(world, OLD)).toEqual([]);
  expect(world.provider.isLive(tokens[NEW]!)).toBe(true);
  expect(world.provider.reused).toEqual([]);
}

const first = (tokens: Record<string, string>) =>
  Object.entries(tokens).filter(([, token]) => token.startsWith("first."));

/** On the subject that is left. */
export const ON_OLD: readonly Rival[] = [
  {
    name: "an exchange",
    act: (world) => world.of(OLD).call(),
    check: async (world, _, tokens) => {
      expect(first(tokens).map(([sub]) => sub)).toEqual([NEW]);
      await assertKept(world, tokens);
    },
  },
  {
    name: "PUT /me",
    act: (world) => world.of(OLD).put(),
    check: async (world, _, tokens) => {
      await assertKept(world, tokens);
    },
  },
  {
    name: "PATCH /me",
    act: (world) => world.of(OLD).patch("late"),
    check: async (world, hasActed, tokens) => {
      await assertKept(world, tokens);
      const kept = await Promise.all([OLD, NEW].map((sub) => attributesOf(world, sub)));
      expect(kept.flat().includes("late")).toBe(hasActed);
    },
  },
  {
    name: "a sign-in",
    act: (world) => world.of(OLD).signIn("again"),
    // First: its connection moves. Later: it starts anew beside what has moved.
    check: async (world, hasActed, tokens) => {
      expect(await attributesOf(world, NEW)).toEqual(expect.arrayContaining(["theme", "plan"]));
      expect(Object.keys(tokens)).toContain(NEW);
      const isThere = Object.values(tokens).includes("again.0");
      expect(isThere || !hasActed).toBe(true);
    },
  },
  {
    name: "PUT /me/refresh-token",
    act: (world) => world.of(OLD).store("again"),
    check: async (world, hasActed, tokens) => {
      await Promise.resolve();
      expect(Object.keys(tokens)).toContain(NEW);
      expect(Object.values(tokens).includes("again.0")).toBe(hasActed);
      expect(world.provider.isLive(tokens[NEW]!)).toBe(true);
    },
  },
  {
    name: "a disconnect",
    act: (world) => world.of(OLD).disconnect(),
    // Done before the row was locked, or when there was none any more: then it has revoked nothing.
    check: async (world, _, tokens) => {
      expect(await attributesOf(world, NEW)).toEqual(expect.arrayContaining(["theme", "plan"]));
      expect(first(tokens).length === 1).toBe(world.provider.isLive("first.0"));
      expect(tokens[OLD]).toBeUndefined();
    },
  },
  {
    name: "an erasure",
    act: (world) => world.of(OLD).erase(),
    check: async (world, hasActed, tokens) => {
      if ((await world.userItems.find(OLD)).movedTo === undefined) {
        // It was first. Where the move was in its way it was told to come again, and does.
        await (hasActed || world.time.run(world.of(OLD).erase()));
        expect([await attributesOf(world, NEW), await usable(world)]).toEqual([[], {}]);
        expect(world.provider.isLive("first.0")).toBe(false);
      } else {
        expect(hasActed).toBe(false);
        await assertKept(world, tokens);
      }
    },
  },
  {
    name: "a freeze",
    act: (world) => world.of(OLD).freeze(),
    check: async (world, _, tokens) => {
      await assertKept(world, tokens);
      const [old, moved] = [await world.grantOf(OLD), await world.grantOf(NEW)];
      const at = old?.frozenAt ?? Infinity;
      // Under a subject that had left, it is for what comes there.
      expect(moved?.frozenAt !== undefined || at >= old!.since || at === Infinity).toBe(true);
    },
  },
  {
    name: "a sign-out everywhere",
    act: async (world) => {
      const [session] = world.sessionItems.allOf(OLD);
      await world.signOutEverywhere(session!);
    },
    check: async (world, _, tokens) => {
      await assertKept(world, tokens);
      expect(world.sessionItems.allOf(OLD)).toEqual([]);
    },
  },
  {
    name: "the same move",
    act: (world) => world.mover().move(),
    check: async (world, _, tokens) => {
      await assertKept(world, tokens);
      expect(tokens).toEqual({ [NEW]: "first.0" });
    },
  },
];

/** What `to` has by its own acts stays; an erasure leaves nothing. */
export const ON_NEW: readonly Rival[] = [
  {
    name: "an exchange",
    act: (world) => world.of(NEW).call(),
    check: async (world, _, tokens) => {
      await assertKept(world, tokens);
    },
  },
  {
    name: "a sign-in",
    act: (world) => world.of(NEW).signIn("again"),
    check: async (world, hasActed, tokens) => {
      await assertKept(world, tokens);
      expect(hasActed).toBe(true);
      expect(tokens).toEqual({ [NEW]: "again.0" });
    },
  },
  {
    name: "PUT /me/refresh-token",
    act: (world) => world.of(NEW).store("again"),
    check: async (world, hasActed, tokens) => {
      await assertKept(world, tokens);
      expect([hasActed, tokens]).toEqual([true, { [NEW]: "again.0" }]);
    },
  },
  {
    name: "PATCH /me",
    act: async (world) => {
      await world.of(NEW).put();
      await world.of(NEW).patch("late");
    },
    check: async (world, hasActed, tokens) => {
      await assertKept(world, tokens);
      expect([hasActed, await attributesOf(world, NEW)]).toEqual([
        true,
        expect.arrayContaining(["late"]),
      ]);
    },
  },
  {
    name: "a disconnect",
    act: (world) => world.of(NEW).disconnect(),
    check: async (world, hasActed, tokens) => {
      expect(hasActed).toBe(true);
      expect(await attributesOf(world, NEW)).toEqual(expect.arrayContaining(["theme", "plan"]));
      expect(Object.keys(tokens)).not.toContain(OLD);
    },
  },
  {
    name: "a freeze",
    act: (world) => world.of(NEW).freeze(),
    check: async (world, _, tokens) => {
      await assertKept(world, tokens);
      expect((await world.grantOf(NEW))?.frozenAt).toBeDefined();
    },
  },
];
