/** A bounded number of callers waits for one lease, and the rest are sent away at once. */
import { InternalError, UnavailableError } from "../../../lambda/errors";
import type { WaitingRoom } from "../../../lambda/ports/stores";
import { createWaiting } from "../../../lambda/refresh/waiting";
import { createWorld, SUB, type World, type WorldOptions } from "../../support/exchange-world";
import { put } from "../../support/taken";

const HELD = { owner: "other", expiresAt: Infinity, takenOver: false };
const lapsed = (world: World) => ({ ...HELD, expiresAt: world.time.now() - 1 });

/** Somebody else holds the lease for ever. */
async function createHeld(options: WorldOptions = {}) {
  const world = await createWorld(options);
  await put(world, (grant) => ({ ...grant, lease: HELD }));
  return world;
}

/** How long a call took, and how it ended. */
async function told(world: World, call = world.call()) {
  const begunAt = world.time.now();
  return await world.time.run(
    call.then(
      ({ accessToken }) => ({ accessToken, tookMs: world.time.now() - begunAt }),
      (error: unknown) => ({ error, tookMs: world.time.now() - begunAt }),
    ),
  );
}

const turnedAway = {
  error: expect.objectContaining({
    name: "UnavailableError",
    reason: "exchange_in_progress",
    retryAfterSeconds: 1,
  }) as unknown,
  tookMs: 0,
};

test("F12: as many wait as the stage says, the others go at once, and the holder's commit is not in anybody's way", async () => {
  const world = await createWorld({ waitingCallers: 3 });
  const begunAt = world.time.now();
  const left: number[] = [];
  const calls = Array.from({ length: 17 }, async () => {
    try {
      return (await world.call()).accessToken;
    } catch (error) {
      expect(error).toMatchObject({ reason: "exchange_in_progress", retryAfterSeconds: 1 });
      left.push(world.time.now() - begunAt);
      return undefined;
    }
  });
  const tokens = await world.time.run(Promise.all(calls));
  expect(tokens.filter((token) => token === "access-token-1")).toHaveLength(1 + 3);
  expect(left).toEqual(Array.from({ length: 13 }, () => 0));
  expect(world.tokenEndpoint.presented).toHaveLength(1);
});

test("the places are of one lease: the next one begins with all of them free", async () => {
  const world = await createHeld({ waitingCallers: 1 });
  await put(world, (grant) => ({ ...grant, waiting: { owner: HELD.owner, count: 0 } }));
  expect(await told(world)).toMatchObject({ tookMs: expect.any(Number) as number });
  expect((await world.grant()).waiting).toEqual({ owner: "other", count: 1 });
  expect(await told(world)).toEqual(turnedAway);

  await put(world, (grant) => ({ ...grant, lease: { ...HELD, owner: "next" } }));
  const { tookMs } = await told(world);
  expect(tookMs).toBeGreaterThanOrEqual(3_000);
  expect((await world.grant()).waiting).toEqual({ owner: "next", count: 1 });
});

describe("a caller", () => {
  const counted = () => {
    const entered: number[] = [];
    const room = (answers: (number: number) => boolean | Promise<boolean>): WaitingRoom => ({
      enter: async (_, max) => {
        entered.push(max);
        return await answers(entered.length);
      },
    });
    return { entered, room };
  };

  test("asks to be let in once for a lease, however often it looks", async () => {
    const { entered, room } = counted();
    const world = await createHeld({ waitingRoom: room(() => true), waitingCallers: 7 });
    expect((await told(world)).tookMs).toBeGreaterThanOrEqual(3_000);
    expect(entered).toEqual([7]);
  });

  test("pauses before each look, the first one, too", async () => {
    const pauses: number[] = [];
    const world = await createHeld();
    const { dependencies, time } = world;
    const timer = { sleep: (ms: number) => Promise.resolve(void pauses.push(ms)) };
    const call = { sub: SUB, by: "test", deadline: time.now() + 15_000, log: dependencies.log };
    const waiting = createWaiting(
      { ...dependencies, timer, random: { id: () => "id", fraction: () => 1 } },
      call,
      time.now(),
    );
    const grant = { ...(await world.active()), lease: HELD };
    await waiting.forHolder(grant);
    expect(pauses).toEqual([50]);
    await waiting.forHolder(grant);
    expect(pauses).toEqual([50, 100]);
  });

  test("asks again for another lease", async () => {
    const { entered, room } = counted();
    const world = await createHeld({ waitingRoom: room(() => true) });
    const call = told(world, world.call());
    void world.time.sleep(1_000).then(async () => {
      await put(world, (grant) => ({ ...grant, lease: { ...HELD, owner: "next" } }));
    });
    await call;
    expect(entered).toHaveLength(2);
  });

  test.each([
    ["as many as may", 2, 0],
    ["more than may, since the stage has changed", 5, 0],
    ["one less", 1, 1],
  ])("who reads that %s are waiting asks nothing more", async (_, count, asked) => {
    const { entered, room } = counted();
    const world = await createHeld({ waitingRoom: room(() => false), waitingCallers: 2 });
    await put(world, (grant) => ({ ...grant, waiting: { owner: HELD.owner, count } }));
    expect(await told(world)).toEqual(turnedAway);
    expect(entered).toHaveLength(asked);
  });

  test("who is not let in looks whether the lease is over, and has the token then", async () => {
    const { entered, room } = counted();
    const world = await createWorld({
      waitingRoom: room(async () => {
        await put(world, (grant) => ({ ...grant, lease: undefined }));
        return false;
      }),
    });
    await put(world, (grant) => ({ ...grant, lease: HELD }));
    expect(await told(world)).toMatchObject({ accessToken: "access-token-1" });
    expect(entered).toHaveLength(1);
  });

  test.each([
    ["cannot be asked", new UnavailableError("store_unavailable"), "store_unavailable"],
    ["may not be asked", new InternalError("store_denied"), "store_denied"],
  ])("goes, and the log says why, where the store %s", async (_, error, reason) => {
    const world = await createHeld({ waitingRoom: { enter: () => Promise.reject(error) } });
    expect(await told(world)).toEqual(turnedAway);
    expect(world.lines).toContainEqual({
      level: "warn",
      event: "not_admitted",
      fields: { reason },
    });
  });

  test("is told of a bug as of any other", async () => {
    const bug = new TypeError("bug");
    const world = await createHeld({ waitingRoom: { enter: () => Promise.reject(bug) } });
    expect(await told(world)).toMatchObject({ error: bug });
  });

  test("who has waited for three seconds is asked to come back in two", async () => {
    const world = await createHeld();
    expect((await told(world)) as { error: unknown }).toMatchObject({
      error: { reason: "exchange_in_progress", retryAfterSeconds: 2 },
    });
  });

  test("with no time left to wait is not counted", async () => {
    const { entered, room } = counted();
    const world = await createHeld({ waitingRoom: room(() => true) });
    const deadline = world.time.now() + 1_000;
    expect(await told(world, world.call({ deadline }))).toMatchObject({ tookMs: 0 });
    expect(entered).toEqual([]);
  });
});

test("behind a lapsed lease, too: whoever is sent away has seen to it before that somebody comes for the grant", async () => {
  const world = await createWorld({ rotation: "strict", waitingCallers: 1 });
  await put(world, (grant) => ({
    ...grant,
    lease: lapsed(world),
    waiting: { owner: HELD.owner, count: 1 },
  }));
  expect(await told(world)).toEqual(turnedAway);
  expect(world.queue.items.map(({ task }) => task)).toMatchObject([{ kind: "take-over" }]);
});
