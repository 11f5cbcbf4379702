/** One grant causes one token request in the interval at most, whatever its callers ask for. */
import { createWorld, type World } from "../../support/exchange-world";
import { leave, put } from "../../support/taken";
import {
  createTokenEndpointDouble,
  type TokenEndpointDouble,
} from "../../support/token-endpoint-double";

const INTERVAL = 60;
const FOR_EVER = { minValiditySeconds: 86_400 };
const tokenOf = async (world: World) => (await world.get(FOR_EVER)).accessToken;

test("F4: a hundred calls that ask for more than the provider gives make one token request, and none is refused", async () => {
  const world = await createWorld();
  for (let call = 0; call < 100; call += 1) {
    expect(await tokenOf(world)).toBe("access-token-1");
    world.time.advance(500);
  }
  expect(world.tokenEndpoint.presented).toHaveLength(1);
});

test("F4: nothing that is asked over and over takes anything else out of the history", async () => {
  const world = await createWorld();
  await world.disconnect();
  await world.signIn("refresh-token-0");
  for (let call = 0; call < 100; call += 1) {
    await tokenOf(world);
    world.time.advance(INTERVAL * 1000);
  }
  const { history } = await world.grant();
  expect(history.map(({ outcome }) => outcome)).toEqual(["disconnected", "stored", "exchanged"]);
  expect(history.at(-1)?.at).toBe(world.time.now() - INTERVAL * 1000);
});

test.each([
  ["right before the interval ends", INTERVAL * 1000 - 1, "access-token-1"],
  ["when it ends", INTERVAL * 1000, "access-token-2"],
])("a token is as good as new until %s", async (_, after, expected) => {
  const world = await createWorld({ exchangeIntervalSeconds: INTERVAL });
  await world.get();
  world.time.advance(after);
  expect(await tokenOf(world)).toBe(expected);
});

test("without an interval whoever asks for a new token gets one", async () => {
  const world = await createWorld({ exchangeIntervalSeconds: 0 });
  await world.get();
  expect(await tokenOf(world)).toBe("access-token-2");
});

describe("more than the provider gives counts as half of what it gives", () => {
  async function worldOf(lifetimeSeconds: number, exchangeIntervalSeconds: number) {
    let provider: TokenEndpointDouble | undefined;
    const world = await createWorld({
      exchangeIntervalSeconds,
      waitingCallers: 100,
      endpoint: (time) =>
        (provider = createTokenEndpointDouble({
          ...({ time, rotation: "none", firstToken: "refresh-token-0" } as const),
          lifetimeSeconds,
        })),
    });
    return { ...world, exchanges: () => provider?.presented.length };
  }

  const cases = [60].flatMap((interval) =>
    [60, 61, 3_600, 86_399].map((asked) => [interval, asked] as const),
  );

  test.each(cases)(
    "tokens of 60 s, an interval of %d s, %d s asked for: one exchange for ten calls, one for a hundred at once",
    async (interval, minValiditySeconds) => {
      const world = await worldOf(60, interval);
      for (let call = 0; call < 10; call += 1) {
        await world.get({ minValiditySeconds });
        world.time.advance(1_000);
      }
      expect(world.exchanges()).toBe(1);
      const crowd = await worldOf(60, interval);
      const calls = Array.from({ length: 100 }, () => crowd.call({ minValiditySeconds }));
      await crowd.time.run(Promise.all(calls));
      expect(crowd.exchanges()).toBe(1);
      // One instance after the other, each with a call that began when the last one had ended.
      for (let call = 0; call < 100; call += 1) {
        await crowd.get({ minValiditySeconds });
      }
      expect(crowd.exchanges()).toBe(1);
    },
  );

  test("where no interval is kept, each caller has a new one", async () => {
    const world = await worldOf(60, 0);
    for (let call = 0; call < 3; call += 1) {
      await world.get({ minValiditySeconds: 61 });
      world.time.advance(1_000);
    }
    expect(world.exchanges()).toBe(3);
  });

  test.each([60])(
    "whoever calls all the time causes two exchanges in a lifetime, and never gets the end of one (interval: %d s)",
    async (interval) => {
      const world = await worldOf(60, interval);
      const left: number[] = [];
      for (let second = 0; second < 600; second += 1) {
        left.push((await world.get()).expiresAt - world.time.now());
        world.time.advance(1_000);
      }
      expect(world.exchanges()).toBeLessThanOrEqual(600 / 30);
      expect(Math.min(...left)).toBeGreaterThanOrEqual(30_000);
    },
  );

  test("what it can give is honoured: nine tenths, and what is left decides", async () => {
    const world = await worldOf(1_000, 60);
    await world.get();
    world.time.advance(150_000);
    expect((await world.get({ minValiditySeconds: 849 })).accessToken).toBe("access-token-1");
    expect((await world.get({ minValiditySeconds: 901 })).accessToken).toBe("access-token-1");
    expect((await world.get({ minValiditySeconds: 900 })).accessToken).toBe("access-token-2");
  });

  test("a token with less than half of its lifetime is renewed for them", async () => {
    const world = await worldOf(1_000, 60);
    await world.get();
    const { accessToken } = await world.active();
    world.time.advance((accessToken?.expiresAt ?? 0) - 500_000 - world.time.now());
    expect((await world.get({ minValiditySeconds: 2_000 })).accessToken).toBe("access-token-1");
    world.time.advance(1);
    expect((await world.get({ minValiditySeconds: 2_000 })).accessToken).toBe("access-token-2");
  });
});

test("a token that has run out answers nobody, however new it is", async () => {
  const world = await createWorld();
  await world.get();
  await put(world, ({ accessToken, ...grant }) => ({
    ...grant,
    ...(accessToken && { accessToken: { ...accessToken, expiresAt: world.time.now() } }),
  }));
  expect(await tokenOf(world)).toBe("access-token-2");
});

test("a token that came with the sign-in is as new as that", async () => {
  const world = await createWorld();
  await world.get();
  await put(world, (grant) => ({
    ...grant,
    lastExchangeAt: undefined,
    since: world.time.now(),
  }));
  world.time.advance(INTERVAL * 1000 - 1);
  expect(await tokenOf(world)).toBe("access-token-1");
  world.time.advance(1);
  expect(await tokenOf(world)).toBe("access-token-2");
});

test("after a later refresh token that came without one the kept token is of unknown age, and old", async () => {
  const world = await createWorld({ rotation: "grace" });
  await world.get();
  const { refreshToken } = await world.grant();
  await leave(world, "refresh-token-1", (refreshToken?.gen ?? 0) + 1);
  expect(await tokenOf(world)).toBe("access-token-2");
});
