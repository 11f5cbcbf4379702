import type { ServiceError } from "../../../lambda/errors";
import { assertSound, attributesOf, dies, finish, race, ROTATIONS } from "../../support/move-race";
import { ON_NEW, ON_OLD } from "../../support/move-rivals";
import { NEW, OLD } from "../../support/move-world";
import { ORDERS_TIMEOUT_MS } from "../../support/orders";

jest.setTimeout(ORDERS_TIMEOUT_MS);

const WORLDS = [false, true];

const isDone = (outcome: PromiseSettledResult<unknown> | undefined) =>
  outcome?.status === "fulfilled";

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
