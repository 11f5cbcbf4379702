/**
 * Others act on either subject while a user moves, in many orders, and the move may die at any
 * call and is then repeated: every call of a port waits until fast-check picks it.
 */
import fc from "fast-check";
import { ServiceError } from "../../../lambda/errors";
import { isEnded } from "../../../lambda/grant/grant-id";
import { MoveRefusedError } from "../../../lambda/use-cases/move-plan";
import type { Rotation } from "../../support/families-double";
import { Crash } from "../../support/mortal";
import { createMoveWorld, type MoveWorld, NEW, OLD, THIRD } from "../../support/move-world";

const ORDERS = 40;
const SUBJECTS = [OLD, NEW, THIRD];

interface Race extends MoveWorld {
  /** At once; what fails must fail with an error of ours. */
  run(...work: (() => Promise<unknown>)[]): Promise<readonly PromiseSettledResult<unknown>[]>;
}

async function createRace(scheduler: fc.Scheduler, rotation: Rotation): Promise<Race> {
  const state: { isRacing: boolean; time?: MoveWorld["time"] } = { isRacing: false };
  const travel = async (label: string) => {
    if (state.isRacing) {
      await scheduler.schedule(Promise.resolve(), label);
      state.time?.advance(1);
    }
  };
  const world = await createMoveWorld({
    rotation,
    hasQueue: false,
    wrapPorts: (name, port) =>
      new Proxy(port, {
        get(target, method) {
          const real = Reflect.get(target, method) as (...all: unknown[]) => Promise<unknown>;
          return async (...all: unknown[]) => {
            await travel(`${name}.${String(method)}`);
            const answer = await real(...all);
            await travel(`${name}.${String(method)} answers`);
            return answer;
          };
        },
      }),
  });
  state.time = world.time;
  const step = async () => {
    const isWaiting = scheduler.count() > 0;
    await (isWaiting && scheduler.waitNext(1));
    return isWaiting;
  };
  return {
    ...world,
    run: async (...work) => {
      state.isRacing = true;
      const all = Promise.allSettled(work.map((act) => act()));
      const settled = await world.time.run(all, step);
      state.isRacing = false;
      for (const outcome of settled) {
        if (outcome.status === "rejected") {
          const isOurs = [ServiceError, MoveRefusedError, Crash].some(
            (known) => outcome.reason instanceof known,
          );
          if (!isOurs || (outcome.reason as { reason?: string }).reason === "bug") {
            throw outcome.reason;
          }
        }
      }
      return settled;
    },
  };
}

/**
 * What a usable row opens to, by subject; a token under a subject or grant that it was not sealed
 * for opens to nothing.
 */
async function usable(world: MoveWorld): Promise<Record<string, string>> {
  const found = await Promise.all(
    SUBJECTS.map(async (sub): Promise<[string, string | undefined]> => {
      const [grant, endedAt] = [await world.grantOf(sub), await world.marks.read(sub)];
      const token = await world.tokenOf(sub);
      const isUsable = grant?.status === "active" && !isEnded(grant, endedAt);
      return [sub, isUsable ? token : undefined];
    }),
  );
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Holds after whatever: nothing is unfinished, and no token is usable twice. */
async function assertSound(world: MoveWorld): Promise<Record<string, string>> {
  for (const sub of SUBJECTS) {
    const [record, row] = [
      await world.userItems.mover.find(sub),
      await world.store.mover.find(sub),
    ];
    expect([record.isLocked, row.isLocked, await world.journal.read(sub)]).toEqual([
      false,
      false,
      undefined,
    ]);
  }
  const tokens = await usable(world);
  const families = Object.values(tokens).map((token) => token.split(".")[0]);
  expect(new Set(families).size).toBe(families.length);
  return tokens;
}

/** The operator repeats the command until it says that it is done, or why not. */
async function finish(world: MoveWorld, from = OLD, to = NEW): Promise<string> {
  for (let tries = 0; tries < 4; tries += 1) {
    const outcome: unknown = await world.move(from, to).then(
      () => "moved",
      (error: unknown) => error,
    );
    if (outcome === "moved") {
      return "moved";
    }
    if (outcome instanceof MoveRefusedError) {
      return outcome.reason;
    }
    world.time.advance(30_000);
  }
  throw new Error("cannot be finished");
}

async function attributesOf(world: MoveWorld, sub: string): Promise<readonly string[]> {
  return Object.keys((await world.userItems.mover.find(sub)).user?.attributes ?? {});
}

const isDone = (outcome: PromiseSettledResult<unknown> | undefined) =>
  outcome?.status === "fulfilled";

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
const ON_OLD: readonly Rival[] = [
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
const ON_NEW: readonly Rival[] = [
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

const ROTATIONS: readonly Rotation[] = ["none", "grace", "strict"];
const WORLDS = [false, true];

/** Where the move dies, if it does. */
const death = fc.record({ fatal: fc.integer({ min: 1, max: 90 }), isApplied: fc.boolean() });

function race(play: (world: Race, end: { fatal: number; isApplied: boolean }) => Promise<void>) {
  return async (rotation: Rotation) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), death, async (scheduler, end) => {
        await play(await createRace(scheduler, rotation), end);
      }),
      { numRuns: ORDERS },
    );
  };
}

const dies = (world: MoveWorld, end: { fatal: number; isApplied: boolean }) => () =>
  world.mover({ ...end, calls: 0 }).move();

describe.each(ROTATIONS)("with a provider that rotates: %s", (rotation) => {
  test.each(ON_OLD)("$name under the old subject", async ({ act, check }) => {
    await race(async (world, end) => {
      const [, rival] = await world.run(dies(world, end), () => act(world));
      await finish(world);
      await check(world, isDone(rival), await assertSound(world));
    })(rotation);
  });

  describe.each(WORLDS)("under the new subject, which is known: %p", (isKnown) => {
    test.each(ON_NEW)("$name", async ({ act, check }) => {
      await race(async (world, end) => {
        await (isKnown && world.join(NEW, "other", { own: "x" }));
        const [, rival] = await world.run(dies(world, end), () =>
          act(world).catch((error: unknown) => {
            // Nothing to exchange yet.
            expect((error as ServiceError).reason).toBe("no_refresh_token");
          }),
        );
        await finish(world);
        await check(world, isDone(rival), await assertSound(world));
        expect((await attributesOf(world, NEW)).includes("own")).toBe(isKnown);
      })(rotation);
    });

    test("an erasure leaves nothing of either, or comes before anything is there", async () => {
      await race(async (world, end) => {
        await (isKnown && world.join(NEW, "other", { own: "x" }));
        const [, erasure] = await world.run(dies(world, end), () => world.of(NEW).erase());
        expect(isDone(erasure)).toBe(true);
        const outcome = await finish(world);
        const tokens = await assertSound(world);
        const [old, moved] = [await attributesOf(world, OLD), await attributesOf(world, NEW)];
        // Refused, since it was first: the user under the old subject is as before.
        const kept = outcome === "erased_to" ? [OLD] : [];
        expect([moved, Object.keys(tokens)]).toEqual([[], kept]);
        expect(old).toEqual(outcome === "erased_to" ? ["theme", "plan"] : []);
        expect((await world.userItems.find(NEW)).erasure).toBeDefined();
      })(rotation);
    });
  });
});

describe("another move", () => {
  test.each<[string, string, string]>([
    ["of the same to another", OLD, THIRD],
    ["of another to the same", THIRD, NEW],
    ["of the new subject onwards", NEW, THIRD],
    ["of the new subject back", NEW, OLD],
    ["of another to the old subject", THIRD, OLD],
  ])("%s: nothing is lost, and no token is usable twice", async (_, from, to) => {
    await race(async (world, end) => {
      await world.join(THIRD, "third", { of: "third" });
      await world.join(NEW, "other", { own: "x" });
      await world.run(dies(world, end), () => world.mover().move(from, to));
      for (let rounds = 0; rounds < 3; rounds += 1) {
        await finish(world);
        await finish(world, from, to);
      }
      await assertSound(world);
      const names = await Promise.all(SUBJECTS.map((sub) => attributesOf(world, sub)));
      expect([...new Set(names.flat())].sort()).toEqual(["of", "own", "plan", "theme"]);
    })("strict");
  });
});

test("two acts at once, on either subject: no token is usable twice, and nothing stays unfinished", async () => {
  const rivals = [
    ...ON_OLD,
    ...ON_NEW,
    { name: "an erasure of the new", act: (world: MoveWorld) => world.of(NEW).erase() },
  ];
  const two = fc.tuple(fc.constantFrom(...rivals), fc.constantFrom(...rivals));
  await fc.assert(
    fc.asyncProperty(
      ...([fc.scheduler(), death, two, fc.constantFrom(...ROTATIONS)] as const),
      async (scheduler, end, [one, other], rotation) => {
        const world = await createRace(scheduler, rotation);
        await world.run(
          dies(world, end),
          () => one.act(world),
          () => other.act(world),
        );
        await finish(world);
        await assertSound(world);
      },
    ),
    { numRuns: 10 * ORDERS },
  );
});
