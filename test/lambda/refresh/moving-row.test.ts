/** What a caller who wants an access token does while others hold or move the row. */
import type { Grant } from "../../../lambda/grant/grant";
import type { GrantStore } from "../../../lambda/ports/stores";
import { createGetAccessToken } from "../../../lambda/refresh/get-access-token";
import { createWorld, SUB } from "../../support/exchange-world";
import { put } from "../../support/taken";

const MAX_MOVES = 16;

/** A store in which somebody changes the row right before each write, from `isMoving` on. */
async function createMoving(change: Pick<Grant, "frozenAt">) {
  const state = { isMoving: false, writes: 0 };
  const world = await createWorld({
    wrapStore: (store): GrantStore => ({
      read: store.read,
      write: async (next, expected) => {
        const row = state.isMoving ? await store.read(next.sub) : undefined;
        if (row !== undefined) {
          state.writes += 1;
          await store.write({ ...row, ...change }, row.revision);
        }
        return await store.write(next, expected);
      },
    }),
  });
  return { world, state };
}

describe("a row that others move", () => {
  test("is tried sixteen times for an exchange", async () => {
    const { world, state } = await createMoving({});
    state.isMoving = true;
    await expect(world.get()).rejects.toMatchObject({
      name: "UnavailableError",
      reason: "store_conflict",
    });
    expect(state.writes).toBe(MAX_MOVES);
    expect(world.tokenEndpoint.presented).toEqual([]);
  });

  test("is tried sixteen times for noting who gets the kept token", async () => {
    const { world, state } = await createMoving({});
    await world.get();
    state.isMoving = true;
    const another = world.get({ by: "arn:role/nightly" });
    await expect(another).rejects.toMatchObject({ reason: "store_conflict" });
    expect(state.writes).toBe(MAX_MOVES);
  });

  test("and freeze keeps the kept token in, although it was read before", async () => {
    const { world, state } = await createMoving({ frozenAt: 9 });
    await world.get();
    state.isMoving = true;
    const another = world.get({ by: "arn:role/nightly" });
    await expect(another).rejects.toMatchObject({ name: "ForbiddenError", reason: "frozen" });
  });
});

test("a kept token is served as long as exactly what was asked for is left", async () => {
  const world = await createWorld();
  await world.get();
  const { accessToken } = await world.grant();
  world.time.advance((accessToken?.expiresAt ?? 0) - world.time.now() - 60_000);
  expect((await world.get({ minValiditySeconds: 60 })).accessToken).toBe("access-token-1");
  expect((await world.get({ minValiditySeconds: 61 })).accessToken).toBe("access-token-2");
});

describe("while somebody else exchanges", () => {
  async function createWaiter(fraction: number) {
    const world = await createWorld();
    await put(world, (grant) => ({
      ...grant,
      lease: { owner: "other", expiresAt: Infinity, takenOver: false },
    }));
    const pauses: number[] = [];
    const getAccessToken = createGetAccessToken({
      ...world.dependencies,
      timer: {
        sleep: (milliseconds) => {
          pauses.push(milliseconds);
          world.time.advance(milliseconds);
          return Promise.resolve();
        },
      },
      random: { id: () => "id", fraction: () => fraction },
    });
    const wait = async (timeLeftMs: number) =>
      await getAccessToken({
        sub: SUB,
        by: "POST /me/access-token",
        minValiditySeconds: 60,
        deadline: world.time.now() + timeLeftMs,
        log: world.dependencies.log,
      }).catch((error: unknown) => (error as { reason: unknown }).reason);
    return { pauses, wait };
  }

  test.each([
    [1, [50, 100, 200, 400, 400]],
    [0.5, [37.5, 75, 150, 300, 300]],
    [0, [25, 50, 100, 200, 200]],
  ])("looks again ever more rarely, for three seconds (random %d)", async (fraction, expected) => {
    const { pauses, wait } = await createWaiter(fraction);
    expect(await wait(15_000)).toBe("exchange_in_progress");
    expect(pauses.slice(0, expected.length)).toEqual(expected);
    const waited = pauses.reduce((sum, pause) => sum + pause, 0);
    expect(waited).toBeGreaterThanOrEqual(3_000);
    expect(waited).toBeLessThan(3_400);
  });

  test("a second is left for the answer, and nobody waits into it", async () => {
    const { pauses, wait } = await createWaiter(1);
    expect(await wait(1_000 + 350)).toBe("exchange_in_progress");
    expect(pauses).toEqual([50, 100, 200]);
  });
});
