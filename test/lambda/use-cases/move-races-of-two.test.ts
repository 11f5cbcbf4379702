/** Two moves at once, or two acts beside one. */
import fc from "fast-check";
import {
  assertSound,
  attributesOf,
  createRace,
  death,
  dies,
  finish,
  ORDERS,
  race,
  ROTATIONS,
  SUBJECTS,
} from "../../support/move-race";
import { ON_NEW, ON_OLD } from "../../support/move-rivals";
import { type MoveWorld, NEW, OLD, THIRD } from "../../support/move-world";
import { ORDERS_TIMEOUT_MS } from "../../support/orders";

jest.setTimeout(ORDERS_TIMEOUT_MS);

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
