/**
 * The reason for sessions: signed in once, served for months. The real use cases; only the clock
 * is not.
 */
import { toProblemResponse } from "../../../lambda/http/problem";
import { createAccountWorld } from "../../support/account-world";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function signedIn() {
  const world = await createAccountWorld();
  const { token } = await world.signInWith(world.idToken(), "refresh-token-0");
  return {
    ...world,
    token,
    /** What a request with the session gets: an access token, or a problem document. */
    ask: async () => {
      try {
        const { sub, evidence } = await world.resolve(token);
        await world.getUser(evidence);
        return await world.get({ sub, evidence });
      } catch (error) {
        return JSON.parse(toProblemResponse(error, "request-1").answer.body ?? "") as unknown;
      }
    },
  };
}

test("one sign-in, one session, sixty days of access tokens, renewed on demand and never more often than needed", async () => {
  const world = await signedIn();
  const tokens = new Set<string>();
  const end = world.time.now() + 60 * DAY;
  while (world.time.now() < end) {
    const token = (await world.ask()) as { accessToken: string; expiresAt: number };
    expect(token.expiresAt - world.time.now()).toBeGreaterThanOrEqual(60_000);
    tokens.add(token.accessToken);
    world.time.advance(20 * 60_000);
  }
  // A token lives an hour and is renewed in its last minute: every third request finds it too old.
  expect(tokens.size).toBe((60 * DAY) / HOUR);
  expect(world.tokenEndpoint.presented).toHaveLength(tokens.size);
  expect(new Set(world.tokenEndpoint.presented)).toEqual(new Set(["refresh-token-0"]));
  expect([...world.sessionItems.items.keys()]).toHaveLength(1);
});

test.each([
  ["idle for fourteen days", 14 * DAY, 1],
  ["ninety days old, however busy", DAY, 90],
])("a session %s is a clear 401 that says what to do", async (_, pause, times) => {
  const world = await signedIn();
  for (let time = 0; time < times; time += 1) {
    expect(await world.ask()).toMatchObject({ tokenType: "Bearer" });
    world.time.advance(pause);
  }
  expect(await world.ask()).toMatchObject({
    status: 401,
    code: "invalid_token",
    action: "sign_in",
    retryable: false,
  });
  const again = await world.signInWith(world.idToken());
  expect(await world.resolve(again.token)).toMatchObject({ kind: "session" });
});
