/**
 * Others act on either subject while a user moves, in many orders, and the move may die at any
 * call and is then repeated: every call of a port waits until fast-check picks it.
 */
import fc from "fast-check";
import { ServiceError } from "../../lambda/errors";
import { isEnded } from "../../lambda/grant/grant-id";
import { MoveRefusedError } from "../../lambda/use-cases/move-plan";
import type { Rotation } from "./families-double";
import { Crash } from "./mortal";
import { createMoveWorld, type MoveWorld, NEW, OLD, THIRD } from "./move-world";
import { orders } from "./orders";

export const ORDERS = orders(20);
export const SUBJECTS = [OLD, NEW, THIRD];

interface Race extends MoveWorld {
  /** At once; what fails must fail with an error of ours. */
  run(...work: (() => Promise<unknown>)[]): Promise<readonly PromiseSettledResult<unknown>[]>;
}

export async function createRace(scheduler: fc.Scheduler, rotation: Rotation): Promise<Race> {
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
export async function usable(world: MoveWorld): Promise<Record<string, string>> {
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
export async function assertSound(world: MoveWorld): Promise<Record<string, string>> {
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
export async function finish(world: MoveWorld, from = OLD, to = NEW): Promise<string> {
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

export async function attributesOf(world: MoveWorld, sub: string): Promise<readonly string[]> {
  return Object.keys((await world.userItems.mover.find(sub)).user?.attributes ?? {});
}

export const ROTATIONS: readonly Rotation[] = ["none", "grace", "strict"];

/** Where the move dies, if it does. */
export const death = fc.record({ fatal: fc.integer({ min: 1, max: 90 }), isApplied: fc.boolean() });

export function race(
  play: (world: Race, end: { fatal: number; isApplied: boolean }) => Promise<void>,
) {
  return async (rotation: Rotation) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), death, async (scheduler, end) => {
        await play(await createRace(scheduler, rotation), end);
      }),
      { numRuns: ORDERS },
    );
  };
}

export const dies = (world: MoveWorld, end: { fatal: number; isApplied: boolean }) => () =>
  world.mover({ ...end, calls: 0 }).move();
