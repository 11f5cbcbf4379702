/** One grant causes one token request in the interval at most, whatever its callers ask for. */
import { createWorld, type World } from "../../support/exchange-world";
import { leave, put } from "../../support/taken";

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

test("without an interval min_validity alone decides", async () => {
  const world = await createWorld({ exchangeIntervalSeconds: 0 });
  await world.get();
  expect(await tokenOf(world)).toBe("access-token-2");
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
