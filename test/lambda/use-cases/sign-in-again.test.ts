/**
 * A schedule that the exploration found (test/verification/explore): the answer to storing a
 * refresh token is lost, and the token is used before the store is asked again.
 */
import type { GrantStore } from "../../../lambda/ports/stores";
import { createWorld } from "../../support/exchange-world";

test.each(["none", "grace", "strict"] as const)(
  "S50: a token whose storing went unanswered, and which was spent meanwhile, is not stored again (%s)",
  async (rotation) => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    /**
     * Applied, and the SDK's repetition finds that the row has moved on: it cannot tell that the
     * write was its own.
     */
    const forgetful = (store: GrantStore): GrantStore => ({
      ...store,
      write: async (next, expected) => {
        const written = await store.write(next, expected);
        const happen = meanwhile;
        meanwhile = undefined;
        if (happen === undefined) {
          return written;
        }
        await happen();
        return { written: false, current: await store.read(next.sub) };
      },
    });
    const world = await createWorld({ rotation, wrapStore: forgetful });
    meanwhile = async () => await world.call();
    const stored = await world.time.run(world.signIn("refresh-token-0"));
    const successor = rotation === "none" ? "refresh-token-0" : "refresh-token-1";
    expect(await world.storedRefreshToken()).toBe(successor);
    expect(stored.grantId).toBe((await world.grant()).grantId);

    world.time.advance(2 * 3_600_000);
    expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
    expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0", successor]);
  },
);
