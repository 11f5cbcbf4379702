import type { Channel } from "../src/environment.js";
import {
  accessToken,
  createBrowser,
  held,
  json,
  mapStorage,
  problem,
  settle,
  signIn,
  unauthorized,
  unavailable,
} from "./browser-double.js";
import { createChannels } from "./facilities-double.js";

const ROUTE = "POST /me/access-token";

async function signedInTabs(names: readonly string[]) {
  const browser = createBrowser({ [ROUTE]: () => json(accessToken()) });
  const tabs = names.map(() => browser.open());
  for (const [at, name] of names.entries()) {
    await signIn(browser, tabs[at]!, name);
  }
  await settle();
  return { browser, tabs, requests: () => browser.requests(ROUTE).length };
}

const tokenOf = async (tab: Awaited<ReturnType<typeof signedInTabs>>["tabs"][number]) =>
  (await tab.client.accessToken()).access_token;

test("ten callers at once are one request, and later ones none", async () => {
  const { tabs, requests } = await signedInTabs(["ada"]);
  const tab = tabs[0]!;
  const tokens = await Promise.all(Array.from({ length: 10 }, () => tokenOf(tab)));
  expect(new Set([...tokens, await tokenOf(tab)]).size).toBe(1);
  expect(requests()).toBe(1);
});

test("ten callers in each of two tabs of one user are one request in all", async () => {
  const { tabs, requests } = await signedInTabs(["ada", "ada"]);
  const tokens = await Promise.all(
    tabs.flatMap((tab) => Array.from({ length: 10 }, () => tokenOf(tab))),
  );
  expect(new Set(tokens).size).toBe(1);
  expect(requests()).toBe(1);
});

test("a message that comes after the lock spares the request, and ends the waiting at once", async () => {
  const { browser, requests } = await signedInTabs([]);
  const openChannel = createChannels();
  const deliveries: (() => void)[] = [];
  const slowly = (name: string): Channel => {
    const channel = openChannel(name);
    const slow: Channel = {
      onmessage: null,
      postMessage: (message) => {
        channel.postMessage(message);
      },
      close: () => {
        channel.close();
      },
    };
    channel.onmessage = (event) => deliveries.push(() => slow.onmessage?.(event));
    return slow;
  };
  const prompt = browser.open({}, mapStorage(), { openChannel });
  await signIn(browser, prompt, "ada");
  const late = browser.open({}, mapStorage(), { openChannel: slowly });
  await signIn(browser, late, "ada");
  const { respond, release } = held();
  browser.routes[ROUTE] = respond;
  const first = tokenOf(prompt);
  await settle();
  let second: string | undefined;
  void tokenOf(late).then((token) => (second = token));
  await settle();
  release(json(accessToken()));
  const token = await first;
  await settle();
  expect([second, deliveries.length]).toEqual([undefined, 1]);
  deliveries.forEach((deliver) => {
    deliver();
  });
  await settle();
  expect([second, requests()]).toEqual([token, 1]);
});

test("tabs of two users never see each other's token", async () => {
  const { tabs, requests } = await signedInTabs(["ada", "bob"]);
  const [ada, bob] = await Promise.all(tabs.map(tokenOf));
  await settle();
  expect(ada).not.toBe(bob);
  expect(await Promise.all(tabs.map(tokenOf))).toEqual([ada, bob]);
  expect(requests()).toBe(2);
});

test("a lock that another tab never releases does not block this one for ever", async () => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "performance"] });
  const timeout = jest.spyOn(AbortSignal, "timeout").mockImplementation((milliseconds) => {
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(new Error("time is up"));
    }, milliseconds);
    return controller.signal;
  });
  const { browser, tabs } = await signedInTabs(["ada", "ada"]);
  browser.routes[ROUTE] = ({ tab }) =>
    tab === 1 ? new Promise(() => undefined) : json(accessToken());
  void tokenOf(tabs[0]!).catch(() => undefined);
  await settle();
  const token = tokenOf(tabs[1]!);
  await settle();
  await jest.advanceTimersByTimeAsync(10_500);
  expect(await token).toMatch(/^access-/);
  expect(timeout).toHaveBeenCalled();
  jest.useRealTimers();
});

test("minValidity decides whether the kept one will do, and is what the API is asked for", async () => {
  const { browser, tabs, requests } = await signedInTabs(["ada"]);
  const { client } = tabs[0]!;
  browser.routes[ROUTE] = () => json(accessToken(100));
  await client.accessToken({ minValidity: 90 });
  await client.accessToken();
  expect(requests()).toBe(1);
  browser.routes[ROUTE] = () => json(accessToken(3_600));
  expect((await client.accessToken({ minValidity: 600 })).expires_in).toBeGreaterThan(3_590);
  expect(browser.requests(ROUTE).map(({ body }) => body)).toEqual([
    { min_validity: 90 },
    { min_validity: 600 },
  ]);
});

test.each([
  ["the wall clock was set back while time passed", { wall: -7_200_000, steady: 3_590_000 }],
  ["the steady clock slept with the machine", { wall: 3_590_000, steady: 0 }],
])("a token is not used beyond its time although %s", async (_, passed) => {
  const { browser, tabs, requests } = await signedInTabs(["ada"]);
  const first = await tokenOf(tabs[0]!);
  Object.assign(browser.time, passed);
  expect(await tokenOf(tabs[0]!)).not.toBe(first);
  expect(requests()).toBe(2);
});

test("expires_in counts down from the time of the request, even if the clock is set", async () => {
  const { browser, tabs } = await signedInTabs(["ada"]);
  const { client } = tabs[0]!;
  await client.accessToken();
  browser.time.wall = 600_000;
  const { expires_in: left } = await client.accessToken();
  expect(left).toBeGreaterThan(2_990);
  expect(left).toBeLessThanOrEqual(3_000);
});

test("after a sign-out, a token in flight reaches no caller and is not kept", async () => {
  const { browser, tabs } = await signedInTabs(["ada"]);
  const { client } = tabs[0]!;
  const { respond, release } = held();
  browser.routes[ROUTE] = respond;
  browser.routes["DELETE /sessions/current"] = () => new Response(null, { status: 204 });
  const late = client.accessToken();
  late.catch(() => undefined);
  await settle();
  await client.signOut();
  release(json(accessToken()));
  await expect(late).rejects.toMatchObject({ code: "not_signed_in", action: "sign_in" });
  await expect(client.accessToken()).rejects.toMatchObject({ code: "not_signed_in" });
});

test("a caller's signal ends its own waiting, not that of others", async () => {
  const { browser, tabs, requests } = await signedInTabs(["ada"]);
  const { client } = tabs[0]!;
  const { respond, release } = held();
  browser.routes[ROUTE] = respond;
  const impatient = new AbortController();
  const [one, other] = [client.accessToken({ signal: impatient.signal }), client.accessToken()];
  one.catch(() => undefined);
  await settle();
  impatient.abort(new Error("enough"));
  await expect(one).rejects.toThrow("enough");
  release(json(accessToken()));
  expect((await other).access_token).toMatch(/^access-/);
  expect(requests()).toBe(1);
});

test("a dead connection is told once, in every tab of the user, and the kept token is gone", async () => {
  const { browser, tabs } = await signedInTabs(["ada", "ada", "bob"]);
  const heard: unknown[] = [];
  tabs.forEach(({ client }, at) => client.on("needs-sign-in", (event) => heard.push([at, event])));
  await tokenOf(tabs[0]!);
  await settle();
  const reason = "refresh_token_refused";
  browser.routes[ROUTE] = () => problem(409, { code: "needs_sign_in", action: "sign_in", reason });
  const callers = Array.from({ length: 5 }, () =>
    tabs[0]!.client.accessToken({ minValidity: 7_200 }),
  );
  for (const each of await Promise.allSettled(callers)) {
    expect(each).toMatchObject({ reason: { code: "needs_sign_in", action: "sign_in", reason } });
  }
  await settle();
  expect(heard).toEqual([
    [0, { sub: "urn:ada", reason, elsewhere: false }],
    [1, { sub: "urn:ada", reason, elsewhere: true }],
  ]);
  await expect(tokenOf(tabs[1]!)).rejects.toMatchObject({ code: "needs_sign_in" });
});

test("an outage is waited out as the API asks, and no longer than maxWait", async () => {
  const { browser, tabs, requests } = await signedInTabs(["ada"]);
  jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "performance"] });
  browser.routes[ROUTE] = () => unavailable(2);
  const token = tokenOf(tabs[0]!);
  await settle();
  await jest.advanceTimersByTimeAsync(1_990);
  expect(requests()).toBe(1);
  browser.routes[ROUTE] = () => json(accessToken());
  await jest.advanceTimersByTimeAsync(20);
  expect(await token).toMatch(/^access-/);
  expect(requests()).toBe(2);
  browser.routes[ROUTE] = () => unavailable(60);
  await expect(tabs[0]!.client.accessToken({ minValidity: 7_200 })).rejects.toMatchObject({
    action: "retry",
    retryable: true,
    retryAfter: 60,
    status: 503,
    requestId: "request-1",
  });
  expect(requests()).toBe(3);
  jest.useRealTimers();
});

test("a session that has ended is a signed-out event, also while a token is asked for", async () => {
  const { browser, tabs } = await signedInTabs(["ada"]);
  const { client, storage } = tabs[0]!;
  const heard = jest.fn();
  client.on("signed-out", heard);
  browser.routes[ROUTE] = unauthorized;
  await expect(client.accessToken()).rejects.toMatchObject({ status: 401, action: "sign_in" });
  const event = { sub: "urn:ada", reason: "session_ended", elsewhere: false };
  expect(heard.mock.calls).toEqual([[event]]);
  expect(storage).toHaveLength(0);
});

test("no access token is ever in a storage", async () => {
  const { tabs } = await signedInTabs(["ada", "ada"]);
  await tokenOf(tabs[0]!);
  await settle();
  for (const { storage } of tabs) {
    const texts = Array.from({ length: storage.length }, (_, at) => {
      return storage.getItem(storage.key(at) ?? "");
    });
    expect(texts).toEqual([expect.stringContaining("rvs_")]);
    expect(texts.join()).not.toContain("access-");
  }
});

describe("required scopes", () => {
  const requiredScopes = ["email"];
  const withScope = (scope: string | null) => () => json({ ...accessToken(), scope });

  test("a token in memory that has them, or of which nothing is known, is enough", async () => {
    const { browser, tabs, requests } = await signedInTabs(["ada"]);
    browser.routes[ROUTE] = withScope("openid email");
    await tabs[0]!.client.accessToken();
    await tabs[0]!.client.accessToken({ requiredScopes });
    expect(requests()).toBe(1);
  });

  test("a token without them is not: the API is asked with them, and no other call is", async () => {
    const { browser, tabs } = await signedInTabs(["ada"]);
    browser.routes[ROUTE] = withScope("openid");
    await tabs[0]!.client.accessToken();
    await tabs[0]!.client.accessToken({ requiredScopes });
    const bodies = browser.requests(ROUTE).map(({ body }) => body);
    expect(bodies).toEqual([
      { min_validity: 60 },
      { min_validity: 60, required_scopes: requiredScopes },
    ]);
  });

  test("one request in flight for scopes is for callers that need the same, not for others", async () => {
    const { browser, tabs, requests } = await signedInTabs(["ada"]);
    const { client } = tabs[0]!;
    const missing = { code: "needs_consent", action: "sign_in", missing_scopes: requiredScopes };
    browser.routes[ROUTE] = ({ body }) =>
      "required_scopes" in (body as object) ? problem(409, missing) : withScope("openid")();
    const scoped = [client.accessToken({ requiredScopes }), client.accessToken({ requiredScopes })];
    const plain = client.accessToken();
    const [one, other] = await Promise.allSettled(scoped);
    expect([one, other]).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    expect((await plain).access_token).toMatch(/^access-/);
    expect(requests()).toBe(2);
  });

  test("what is missing is told, and the session and its token stay as they are", async () => {
    const { browser, tabs } = await signedInTabs(["ada"]);
    const [tab] = tabs;
    browser.routes[ROUTE] = withScope("openid");
    const token = await tokenOf(tab!);
    const missing_scopes = requiredScopes;
    browser.routes[ROUTE] = () =>
      problem(409, { code: "needs_consent", action: "sign_in", missing_scopes });
    const needed: unknown[] = [];
    tab!.client.on("needs-sign-in", (event) => needed.push(event));
    await expect(tab!.client.accessToken({ requiredScopes })).rejects.toMatchObject({
      code: "needs_consent",
      action: "sign_in",
      missingScopes: ["email"],
    });
    expect(needed).toEqual([]);
    expect(await tokenOf(tab!)).toBe(token);
  });
});
