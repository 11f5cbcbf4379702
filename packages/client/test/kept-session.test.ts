/**
 * Only an answer about this very session removes it, and no session stays open that no tab has.
 */
import type { Environment } from "../src/environment.js";
import {
  createBrowser,
  fullStorage,
  held,
  json,
  mapStorage,
  problem,
  settle,
  signedIn,
  signIn,
  type Tab,
  unauthorized,
  userOf,
} from "./browser-double.js";

const gone = () => new Response(null, { status: 204 });
const me = () => json(userOf("ada"));

function watch({ client }: Tab): string[] {
  const heard: string[] = [];
  client.on("signed-in", ({ elsewhere }) => heard.push(`in ${String(elsewhere)}`));
  client.on("signed-out", ({ reason, elsewhere }) => heard.push(`${reason} ${String(elsewhere)}`));
  return heard;
}

const tokenIn = (storage: Storage) =>
  (JSON.parse(storage.getItem(storage.key(0) ?? "") ?? "{}") as { token?: string }).token;

test("a page from the back/forward cache takes over the newer session of its tab, and removes nothing", async () => {
  const browser = createBrowser({ "DELETE /sessions/current": gone });
  const before = browser.open();
  await signIn(browser, before, "ada");
  const old = tokenIn(before.storage);
  const after = browser.open({}, before.storage);
  await signIn(browser, after, "ada");
  const current = tokenIn(before.storage);
  browser.routes["GET /me"] = ({ headers }) =>
    headers.get("authorization") === `Bearer ${String(current)}` ? me() : unauthorized();
  const heard = watch(before);
  before.restore();
  await settle();
  expect(current).not.toBe(old);
  expect(heard).toEqual(["in true"]);
  expect(tokenIn(before.storage)).toBe(current);
  expect(await before.client.user()).toMatchObject({ sub: "urn:ada" });
});

test("it ends what it replaces by a sign-in of its own, not what it knew before", async () => {
  const browser = createBrowser({ "DELETE /sessions/current": gone, "GET /me": me });
  const before = browser.open();
  await signIn(browser, before, "ada");
  await signIn(browser, browser.open({}, before.storage), "ada");
  const newer = tokenIn(before.storage);
  await signIn(browser, before, "ada");
  await settle();
  const ended = browser.requests("DELETE /sessions/current").at(-1);
  expect(ended?.headers.get("authorization")).toBe(`Bearer ${String(newer)}`);
  expect(ended?.init.keepalive).toBe(true);
});

test("a late 401 of the session before removes nothing of the one that another page has stored", async () => {
  const browser = createBrowser({ "DELETE /sessions/current": gone });
  const before = browser.open();
  await signIn(browser, before, "ada");
  const { respond, release } = held();
  browser.routes["GET /me"] = respond;
  const late = before.client.user();
  late.catch(() => undefined);
  await settle();
  await signIn(browser, browser.open({}, before.storage), "ada");
  const newer = tokenIn(before.storage);
  release(unauthorized());
  await expect(late).rejects.toMatchObject({ code: "invalid_token" });
  expect(tokenIn(before.storage)).toBe(newer);
});

test.each([
  ["HTML", () => new Response("<html>", { status: 401, headers: { "content-type": "text/html" } })],
  ["JSON", () => json({ code: "invalid_token", action: "sign_in" }, 401)],
  ["a problem document of another kind", () => problem(401, { code: "proxy_authentication" })],
  [
    "a problem document without JSON",
    () =>
      new Response("<", { status: 401, headers: { "content-type": "application/problem+json" } }),
  ],
])("a 401 that is not this API's (%s) ends no session", async (_, responder) => {
  const browser = createBrowser({ "GET /me": responder, "POST /me/access-token": responder });
  const tab = browser.open({ retry: { retries: 0 } });
  await signIn(browser, tab, "ada");
  const heard = watch(tab);
  await expect(tab.client.user()).rejects.toMatchObject({ name: "VaultError", status: 401 });
  await expect(tab.client.accessToken()).rejects.toMatchObject({ name: "VaultError" });
  browser.routes["GET /me"] = me;
  expect(await tab.client.user()).toMatchObject({ sub: "urn:ada" });
  expect(heard).toEqual([]);
});

const refusals: readonly [string, () => Storage][] = [
  ["throws", fullStorage],
  ["does nothing", () => Object.assign(mapStorage(), { setItem: () => undefined })],
];

test.each(refusals)("a storage that %s: the session is there for this page", async (_, storage) => {
  const browser = createBrowser({ "DELETE /sessions/current": gone, "GET /me": me });
  browser.routes["POST /sessions"] = () => json(signedIn("ada"), 201);
  const { client } = browser.open({}, storage());
  expect(await client.signInWithIdToken({ idToken: "a.b.c" })).toMatchObject({ sub: "urn:ada" });
  expect(await client.user()).toMatchObject({ sub: "urn:ada" });
  await client.signOut();
  expect(browser.requests("DELETE /sessions/current")).toHaveLength(1);
  await expect(client.user()).rejects.toMatchObject({ code: "not_signed_in" });
});

test("a storage that is full by the second sign-in: the session before is ended, and not there at the next load", async () => {
  const browser = createBrowser({ "DELETE /sessions/current": gone, "GET /me": me });
  const tab = browser.open();
  await signIn(browser, tab, "ada");
  const old = tokenIn(tab.storage);
  tab.storage.setItem = fullStorage().setItem;
  browser.routes["POST /sessions"] = () => json(signedIn("bob"), 201);
  await tab.client.signInWithIdToken({ idToken: "a.b.c" });
  await settle();
  const [ended] = browser.requests("DELETE /sessions/current");
  expect(ended?.headers.get("authorization")).toBe(`Bearer ${String(old)}`);
  expect(tab.storage).toHaveLength(0);
  await tab.client.user();
  expect(browser.sent.at(-1)?.headers.get("authorization")).not.toContain(String(old));
});

test("a storage that gives nothing back: who has signed out stays signed out", async () => {
  const browser = createBrowser({ "DELETE /sessions/current": gone, "GET /me": me });
  const tab = browser.open();
  await signIn(browser, tab, "ada");
  tab.storage.removeItem = () => {
    throw new DOMException("Not here", "SecurityError");
  };
  const heard = watch(tab);
  await tab.client.signOut();
  await expect(tab.client.user()).rejects.toMatchObject({ code: "not_signed_in" });
  expect(heard).toEqual(["signed_out false"]);
});

test("a storage that takes its time: what was read before a sign-in is not believed after it", async () => {
  const inner = mapStorage();
  const slowly = async <T>(work: () => T) => {
    for (let turns = 0; turns < 3; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return work();
  };
  const storage = {
    getItem: (key: string) => slowly(() => inner.getItem(key)),
    setItem: (key: string, value: string) =>
      slowly(() => {
        inner.setItem(key, value);
      }),
    removeItem: (key: string) =>
      slowly(() => {
        inner.removeItem(key);
      }),
  };
  const browser = createBrowser({ "DELETE /sessions/current": gone, "GET /me": me });
  const tab = browser.open({ storage });
  await signIn(browser, tab, "ada");
  const reads = Array.from({ length: 5 }, () => tab.client.user().catch(() => undefined));
  await signIn(browser, tab, "ada");
  await Promise.all(reads);
  await tab.client.user();
  const [authorization] = browser.sent.slice(-1).map(({ headers }) => headers.get("authorization"));
  expect(authorization).toBe(`Bearer ${String(tokenIn(inner))}`);
});

test("signed out everywhere in two tabs at once: both are, and neither is an error", async () => {
  const live = new Set([1]);
  const browser = createBrowser({
    "DELETE /sessions": () => (live.delete(1) ? gone() : unauthorized()),
  });
  const tabs = [browser.open({ tabs: false }), browser.open({ tabs: false })] as const;
  for (const tab of tabs) {
    await signIn(browser, tab, "ada");
  }
  const calls = tabs.map(({ client }) => client.signOut({ everywhere: true }));
  expect(await Promise.allSettled(calls)).toMatchObject([
    { status: "fulfilled" },
    { status: "fulfilled" },
  ]);
  for (const { client, storage } of tabs) {
    expect(storage).toHaveLength(0);
    await client.signOut({ everywhere: true });
    await client.signOut();
  }
});

test("whose session had run out tells no other tab that all have ended", async () => {
  const browser = createBrowser({ "DELETE /sessions": unauthorized, "GET /me": me });
  const tabs = [browser.open(), browser.open()] as const;
  for (const tab of tabs) {
    await signIn(browser, tab, "ada");
  }
  await tabs[0].client.signOut({ everywhere: true });
  await settle();
  expect(await tabs[1].client.user()).toMatchObject({ sub: "urn:ada" });
});

test("the word of a sign-out everywhere does not reach a session that began after it", async () => {
  let wall = 1_000;
  const clocks: Environment["clocks"] = () => [(wall += 1), 0];
  const browser = createBrowser({ "GET /me": me });
  const tabs = [
    browser.open({}, mapStorage(), { clocks }),
    browser.open({}, mapStorage(), { clocks }),
  ] as const;
  for (const tab of tabs) {
    await signIn(browser, tab, "ada");
  }
  const { respond, release } = held();
  browser.routes["DELETE /sessions"] = respond;
  const leaving = tabs[0].client.signOut({ everywhere: true });
  await settle();
  await signIn(browser, tabs[1], "ada");
  const heard = watch(tabs[1]);
  release(gone());
  await leaving;
  await settle();
  expect(heard).toEqual([]);
  expect(await tabs[1].client.user()).toMatchObject({ sub: "urn:ada" });
});

test("two tabs of one storage that sign in at the same moment: one session is left, and both have it", async () => {
  const live = new Set<string>();
  const browser = createBrowser({
    "DELETE /sessions/current": ({ headers }) => {
      live.delete(headers.get("authorization") ?? "");
      return gone();
    },
    "GET /me": ({ headers }) =>
      live.has(headers.get("authorization") ?? "") ? me() : unauthorized(),
  });
  const answers = [held(), held()];
  let asked = 0;
  browser.routes["POST /sessions"] = () => answers[asked++]!.respond();
  const storage = mapStorage();
  const tabs = [browser.open({}, storage), browser.open({}, storage)] as const;
  const calls = tabs.map(({ client }) => client.signInWithIdToken({ idToken: "a.b.c" }));
  await settle();
  for (const { release } of answers) {
    const body = signedIn("ada");
    live.add(`Bearer ${String(body.session.token)}`);
    release(json(body, 201));
  }
  await Promise.all(calls);
  await settle();
  expect([...live]).toEqual([`Bearer ${String(tokenIn(storage))}`]);
  for (const { client } of tabs) {
    expect(await client.user()).toMatchObject({ sub: "urn:ada" });
  }
});

test("close: what is under way goes on, and so does the next call; nothing is heard any more", async () => {
  const browser = createBrowser({ "GET /me": me, "DELETE /sessions": gone });
  const tabs = [browser.open(), browser.open()] as const;
  const heard = watch(tabs[0]);
  tabs[0].client.close();
  for (const tab of tabs) {
    await signIn(browser, tab, "ada");
  }
  expect(await tabs[0].client.user()).toMatchObject({ sub: "urn:ada" });
  await tabs[1].client.signOut({ everywhere: true });
  await settle();
  expect(heard).toEqual(["in false"]);
});

test("a message of another version is ignored", async () => {
  const channels: { onmessage: ((event: MessageEvent) => void) | null }[] = [];
  const openChannel = () => {
    const channel = { onmessage: null, close: () => undefined, postMessage: () => undefined };
    channels.push(channel);
    return channel;
  };
  const browser = createBrowser({ "GET /me": me });
  const tab = browser.open({}, mapStorage(), { openChannel });
  await signIn(browser, tab, "ada");
  for (const data of [null, undefined, "in", { kind: "out", sub: "urn:ada", all: true }]) {
    channels[0]?.onmessage?.({ data } as MessageEvent);
  }
  await settle();
  expect(await tab.client.user()).toMatchObject({ sub: "urn:ada" });
});

test("an answer about the cookie before says nothing about the one after it", async () => {
  const browser = createBrowser();
  const tab = browser.open({ transport: "cookie" });
  await signIn(browser, tab, "ada", true);
  const { respond, release } = held();
  browser.routes["GET /me"] = respond;
  const late = tab.client.user();
  await settle();
  await signIn(browser, tab, "bob", true);
  const heard = watch(tab);
  release(me());
  await late;
  expect(heard).toEqual([]);
});

test.each([
  ["user", () => json(null)],
  ["user", () => json([])],
  ["sessions", () => json({})],
  ["connection", () => json(null)],
  ["accessToken", () => json(null)],
  ["accessToken", () => json({})],
  ["erase", () => new Response("<html>", { status: 200 })],
] as const)(
  "%s with 200 and what is not the API's answer is a VaultError",
  async (name, responder) => {
    const browser = createBrowser({
      "GET /me": responder,
      "GET /sessions": responder,
      "GET /me/refresh-token": responder,
      "POST /me/access-token": responder,
      "DELETE /me": responder,
    });
    const tab = browser.open({ retry: { retries: 0 } });
    await signIn(browser, tab, "ada");
    await expect(tab.client[name]()).rejects.toMatchObject({ name: "VaultError" });
    browser.routes["GET /me"] = me;
    expect(await tab.client.user()).toMatchObject({ sub: "urn:ada" });
  },
);
