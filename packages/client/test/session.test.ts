import { createVaultClient, VaultError } from "../src/vault-client.js";
import {
  createBrowser,
  held,
  json,
  mapStorage,
  problem,
  settle,
  signedIn,
  signIn,
  type Tab,
  unauthorized,
  unavailable,
  userOf,
} from "./browser-double.js";

const gone = () => new Response(null, { status: 204 });

/** One entry of {@link watch}'s list. */
function told(name: string, event: Readonly<Record<string, unknown>>): unknown {
  return [name, event];
}

function watch({ client }: Tab): unknown[] {
  const heard: unknown[] = [];
  client.on("signed-in", (event) => heard.push(["signed-in", event]));
  client.on("signed-out", (event) => heard.push(["signed-out", event]));
  return heard;
}

describe("with bearer transport", () => {
  test("the session's token is in this tab's storage alone, and survives a reload", async () => {
    const browser = createBrowser({ "GET /me": () => json(userOf("ada")) });
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const reloaded = browser.open({}, tab.storage);
    expect(await reloaded.client.user()).toMatchObject({ sub: "urn:ada" });
    const [request] = browser.requests("GET /me");
    expect(request?.headers.get("authorization")).toMatch(/^Bearer rvs_/);
    expect(request?.headers.get("x-rollup-vault")).toBeNull();
    expect(request?.init).toMatchObject({ credentials: "omit", redirect: "error" });
    const sent = browser.sent.length;
    await expect(browser.open().client.user()).rejects.toMatchObject({ code: "not_signed_in" });
    expect(browser.sent).toHaveLength(sent);
  });

  test('with storage "memory" nothing is stored but the sign-in that is under way', async () => {
    const browser = createBrowser({ "GET /me": () => json(userOf("ada")) });
    const tab = browser.open({ storage: "memory" });
    await signIn(browser, tab, "ada");
    expect(tab.storage).toHaveLength(0);
    expect(await tab.client.user()).toMatchObject({ sub: "urn:ada" });
  });

  test("a storage of the app's own may take its time, and what it holds may be damaged", async () => {
    const browser = createBrowser({ "GET /me": () => json(userOf("ada")) });
    const inner = mapStorage();
    const storage = {
      getItem: async (key: string) => inner.getItem(key),
      setItem: async (key: string, value: string) => {
        inner.setItem(key, value);
      },
      removeItem: async (key: string) => {
        inner.removeItem(key);
      },
    };
    await signIn(browser, browser.open({ storage }), "ada");
    expect(await browser.open({ storage }).client.user()).toMatchObject({ sub: "urn:ada" });
    inner.setItem(inner.key(0) ?? "", "{");
    await expect(browser.open({ storage }).client.user()).rejects.toMatchObject({
      code: "not_signed_in",
    });
  });

  test("a 401 for a session that was replaced meanwhile ends no session", async () => {
    const browser = createBrowser();
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const { respond, release } = held();
    browser.routes["GET /me"] = respond;
    const late = tab.client.user();
    late.catch(() => undefined);
    await settle();
    await signIn(browser, tab, "ada");
    const heard = watch(tab);
    release(unauthorized());
    await expect(late).rejects.toMatchObject({ status: 401 });
    expect(heard).toEqual([]);
  });

  test("signing in again ends the session before", async () => {
    const browser = createBrowser({ "DELETE /sessions/current": gone });
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    await signIn(browser, tab, "ada");
    await settle();
    const [opened, ended] = [
      browser.requests("POST /sessions"),
      browser.requests("DELETE /sessions/current"),
    ];
    expect(opened.map(({ headers }) => headers.get("authorization"))).toEqual([null, null]);
    expect(ended).toHaveLength(1);
    expect(ended[0]?.headers.get("authorization")).not.toContain(
      JSON.parse(tab.storage.getItem(tab.storage.key(0) ?? "") ?? "").token,
    );
  });

  test("signing out here leaves the other tab's session, signing out everywhere and erasing do not", async () => {
    const browser = createBrowser({
      "DELETE /sessions/current": gone,
      "DELETE /sessions": gone,
      "DELETE /me": () => json({ sub: "urn:ada" }),
    });
    const tabs = [browser.open(), browser.open(), browser.open(), browser.open()] as const;
    for (const [at, name] of ["ada", "ada", "ada", "bob"].entries()) {
      await signIn(browser, tabs[at]!, name);
    }
    await settle();
    const heard = tabs.map(watch);
    await tabs[0].client.signOut();
    await settle();
    expect(heard.map((each) => each.length)).toEqual([1, 0, 0, 0]);
    await tabs[1].client.signOut({ everywhere: true });
    await settle();
    const elsewhere = { sub: "urn:ada", reason: "signed_out", elsewhere: true };
    expect([heard[2], heard[3]]).toEqual([[told("signed-out", elsewhere)], []]);
    await signIn(browser, tabs[1], "ada");
    await signIn(browser, tabs[2], "ada");
    await settle();
    expect(await tabs[1].client.erase()).toEqual({ sub: "urn:ada" });
    await settle();
    expect(heard[2]?.at(-1)).toEqual(
      told("signed-out", { sub: "urn:ada", reason: "erased", elsewhere: true }),
    );
    await expect(tabs[2].client.user()).rejects.toMatchObject({ code: "not_signed_in" });
  });

  test("a duplicated tab has the same session, so it ends there, too", async () => {
    const browser = createBrowser({ "DELETE /sessions/current": gone });
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const copy = mapStorage();
    const key = tab.storage.key(0) ?? "";
    copy.setItem(key, tab.storage.getItem(key) ?? "");
    browser.routes["GET /me"] = () => json(userOf("ada"));
    const duplicate = browser.open({}, copy);
    await duplicate.client.user();
    const heard = watch(duplicate);
    await tab.client.signOut();
    await settle();
    expect(heard).toEqual([
      told("signed-out", { sub: "urn:ada", reason: "signed_out", elsewhere: true }),
    ]);
    expect(copy).toHaveLength(0);
  });

  test("a sign-out that the API does not hear of forgets the token here, and says so; everywhere keeps it to try again", async () => {
    const browser = createBrowser({
      "DELETE /sessions/current": () => unavailable(60),
      "DELETE /sessions": () => unavailable(60),
    });
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const retry = { action: "retry", retryAfter: 60 };
    await expect(tab.client.signOut({ everywhere: true })).rejects.toMatchObject(retry);
    expect(tab.storage).toHaveLength(1);
    await expect(tab.client.signOut()).rejects.toMatchObject(retry);
    expect(tab.storage).toHaveLength(0);
  });
});

describe("with cookie transport", () => {
  const cookie = { transport: "cookie" } as const;

  test("nothing is stored, the cookie goes along, and so does the header of our own", async () => {
    const browser = createBrowser({ "GET /me": () => json(userOf("ada")) });
    const tab = browser.open(cookie);
    await signIn(browser, tab, "ada", true);
    await tab.client.user();
    expect(tab.storage).toHaveLength(0);
    for (const { headers, init } of browser.sent) {
      expect(headers.get("x-rollup-vault")).toBe("1");
      expect(headers.get("authorization")).toBeNull();
      expect(init.credentials).toBe("include");
    }
  });

  test("a sign-in in one tab is one in the others; a sign-out is checked with the API", async () => {
    const browser = createBrowser({ "DELETE /sessions/current": gone });
    const tabs = [browser.open(cookie), browser.open(cookie)] as const;
    const heard = tabs.map(watch);
    await signIn(browser, tabs[0], "ada", true);
    await settle();
    expect(heard[1]).toEqual([told("signed-in", { sub: "urn:ada", elsewhere: true })]);
    browser.routes["GET /me"] = unauthorized;
    await tabs[0].client.signOut();
    await settle();
    expect(heard[1]?.slice(1)).toEqual([
      told("signed-out", { sub: "urn:ada", reason: "session_ended", elsewhere: false }),
    ]);
  });

  test("a page that comes back after days asks who is signed in, and hears of a change", async () => {
    const browser = createBrowser({ "GET /me": () => json(userOf("ada")) });
    const tab = browser.open(cookie);
    await tab.client.user();
    const heard = watch(tab);
    browser.routes["GET /me"] = () => json(userOf("bob"));
    tab.restore();
    await settle();
    expect(heard).toEqual([told("signed-in", { sub: "urn:bob", elsewhere: true })]);
  });

  test("access tokens are shared under the user's name only, which a new page asks for first", async () => {
    const browser = createBrowser({
      "GET /me": () => json(userOf("ada")),
      "POST /me/access-token": () => json({ access_token: "t", expires_in: 3_600 }),
    });
    const tabs = [browser.open(cookie), browser.open(cookie)] as const;
    await tabs[1].client.user();
    await tabs[0].client.accessToken();
    await settle();
    await tabs[1].client.accessToken();
    expect(browser.requests("POST /me/access-token")).toHaveLength(1);
    expect(browser.sent.map(({ route }) => route)).toEqual([
      "GET /me",
      "GET /me",
      "POST /me/access-token",
    ]);
  });
});

describe("requests", () => {
  async function signedInTab(routes = {}) {
    const browser = createBrowser(routes);
    const tab = browser.open({ retry: { retries: 2, maxWait: 5 } });
    await signIn(browser, tab, "ada");
    return { browser, client: tab.client };
  }

  test("each goes where the API has it, with what the API takes", async () => {
    const ok = () => json({ sessions: [], sub: "urn:ada" });
    const { browser, client } = await signedInTab({
      "GET /me?fresh=true": ok,
      "PATCH /me": ok,
      "GET /me/refresh-token": ok,
      "GET /me/export": ok,
      "GET /sessions": ok,
      "DELETE /sessions/a%2Fb": gone,
      "DELETE /me/refresh-token": gone,
    });
    await client.user({ fresh: true });
    await client.updateAttributes({ theme: "dark", old: null }, { ifVersion: 7 });
    await client.connection();
    await client.exportData();
    expect(await client.sessions()).toEqual([]);
    await client.endSession("a/b");
    await client.disconnect();
    expect(browser.sent.slice(1).map(({ route }) => route)).toEqual([
      "GET /me?fresh=true",
      "PATCH /me",
      "GET /me/refresh-token",
      "GET /me/export",
      "GET /sessions",
      "DELETE /sessions/a%2Fb",
      "DELETE /me/refresh-token",
    ]);
    const [patch] = browser.requests("PATCH /me");
    expect(patch?.body).toEqual({ attributes: { theme: "dark", old: null } });
    expect(patch?.headers.get("if-match")).toBe('"7"');
  });

  test("a broken line is tried again for reading, never for what may have been done", async () => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "performance"] });
    const broken = () => Promise.reject(new TypeError("Failed to fetch"));
    const { browser, client } = await signedInTab({ "GET /me": broken, "DELETE /me": broken });
    const reading = client.user();
    reading.catch(() => undefined);
    await jest.advanceTimersByTimeAsync(2_000);
    await expect(reading).rejects.toMatchObject({ code: "network", action: "retry" });
    await expect(client.erase()).rejects.toMatchObject({ code: "network" });
    expect(browser.requests("GET /me")).toHaveLength(3);
    expect(browser.requests("DELETE /me")).toHaveLength(1);
    jest.useRealTimers();
  });

  test("a signal ends a request, and the waiting for the next one, with its own reason", async () => {
    const { browser, client } = await signedInTab({ "GET /me": () => unavailable(3) });
    jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "performance"] });
    const stop = new AbortController();
    const reading = client.user({ signal: stop.signal });
    reading.catch(() => undefined);
    await settle();
    stop.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    await expect(client.user({ signal: stop.signal })).rejects.toThrow("enough");
    expect(browser.requests("GET /me")).toHaveLength(1);
    jest.useRealTimers();
  });

  test.each([
    [
      "the API's problem document",
      () => problem(403, { code: "frozen", action: "contact_operator" }),
      { action: "contact_operator", code: "frozen", status: 403, message: "Why." },
    ],
    [
      "a gateway's HTML",
      () => new Response("<html>", { status: 502 }),
      { action: "retry", code: "unexpected_answer", status: 502 },
    ],
    [
      "a throttle of the gateway",
      () => json({ message: "Too Many Requests" }, 429, { "retry-after": "7" }),
      { action: "retry", retryAfter: 7, retryable: true },
    ],
    [
      "a proxy's own no",
      () => new Response("", { status: 407 }),
      { action: "contact_operator", code: "unexpected_answer", retryable: false },
    ],
    [
      "half a body",
      () => new Response('{"sub":', { status: 200 }),
      { action: "retry", code: "network" },
    ],
  ])("%s becomes an error that says who must act", async (_, responder, expected) => {
    const browser = createBrowser({ "GET /me": responder });
    const tab = browser.open({ retry: { retries: 0 } });
    await signIn(browser, tab, "ada");
    const error: unknown = await tab.client.user().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VaultError);
    expect(error).toMatchObject(expected);
  });

  test("signing in with tokens of the app's own sends the ID token as bearer", async () => {
    const browser = createBrowser({ "POST /sessions": () => json(signedIn("ada"), 201) });
    const { client } = browser.open();
    const tokens = { idToken: "id.token.x", refreshToken: "refresh" };
    expect(await client.signInWithIdToken(tokens)).toMatchObject({ sub: "urn:ada" });
    const [request] = browser.requests("POST /sessions");
    expect(request?.headers.get("authorization")).toBe("Bearer id.token.x");
    expect(request?.body).toEqual({ refresh_token: "refresh" });
  });
});

test("in Node.js there is no page: with storage in memory the session is there, and nothing keeps the process alive", async () => {
  const answers = [signedIn("ada"), userOf("ada")];
  const client = createVaultClient({
    apiUrl: "https://api.example",
    storage: "memory",
    fetch: () => Promise.resolve(json(answers.shift())),
  });
  await client.signInWithIdToken({ idToken: "id.token.x" });
  expect(await client.user()).toMatchObject({ sub: "urn:ada" });
  expect(await client.completeSignIn()).toBeUndefined();
});
