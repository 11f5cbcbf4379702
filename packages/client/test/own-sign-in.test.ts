/** A sign-in is completed where it is one's own, and given up for nothing. */
import {
  createBrowser,
  fullStorage,
  held,
  json,
  PAGE,
  problem,
  settle,
  signedIn,
  signIn,
  type Tab,
  unauthorized,
  unavailable,
  userOf,
} from "./browser-double.js";

const REDIRECT_URI = `${PAGE}callback`;
const once = { retry: { retries: 0 } };
const answered = () =>
  createBrowser({
    "POST /sessions": () => json(signedIn("ada"), 201),
    "GET /me": () => json(userOf("ada")),
  });

/** To the provider and back. @returns the address of its answer, which is shown */
async function comeBack(tab: Tab, place = REDIRECT_URI): Promise<string> {
  await tab.client.signIn();
  const state = new URL(tab.page.location.href).searchParams.get("state") ?? "";
  tab.page.location.href = `${place}?code=c&state=${state}`;
  return tab.page.location.href;
}

test.each([
  "pricing?code=SUMMER20",
  "checkout?error=card_declined",
  "callback?code=c&state=other",
  "callback?code=c",
  "callback?error=access_denied",
  "callback?error=access_denied&state=other",
  "other?code=c&state=STATE",
  "?=error=access_denied",
])(
  "/%s is not ours: it stays in the address, nothing is sent, and the user is there",
  async (path) => {
    const browser = answered();
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const own = await comeBack(tab);
    const state = new URL(own).searchParams.get("state") ?? "";
    const address = `${PAGE}${path.replace("STATE", state)}`;
    tab.page.location.href = address;
    const before = browser.sent.length;
    expect(await tab.client.completeSignIn()).toBeUndefined();
    expect(tab.page.location.href).toBe(address);
    expect(browser.sent).toHaveLength(before);
    expect(await tab.client.user()).toMatchObject({ sub: "urn:ada" });
    // And the one that is under way is not lost by it.
    tab.page.location.href = own;
    expect(await tab.client.completeSignIn()).toMatchObject({ user: { sub: "urn:ada" } });
  },
);

test("the redirect URI is that of the flow, also where a file server has put a slash behind it", async () => {
  const tab = answered().open();
  await comeBack(tab, `${REDIRECT_URI}/`);
  expect(await tab.client.completeSignIn()).toMatchObject({ user: { sub: "urn:ada" } });
});

test("a page that has no sign-in under way leaves an answer with any state alone", async () => {
  const tab = answered().open();
  tab.page.location.href = `${REDIRECT_URI}?code=c&state=s`;
  expect(await tab.client.completeSignIn()).toBeUndefined();
  expect(tab.page.location.href).toBe(`${REDIRECT_URI}?code=c&state=s`);
});

test.each([
  ["no answer comes", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["the API is down for long", () => unavailable(60)],
  ["a portal answers", () => new Response("<html>", { status: 401 })],
  ["the answer is cut off", () => new Response('{"session":', { status: 201 })],
  ["the answer is null", () => json(null, 201)],
  ["the answer has no user", () => json({ session: { id: "1", token: "rvs_1" } }, 201)],
])(
  "%s: code and state are still there, so that the page can be loaded again",
  async (_, responder) => {
    const browser = answered();
    const tab = browser.open(once);
    const address = await comeBack(tab);
    browser.routes["POST /sessions"] = responder;
    await expect(tab.client.completeSignIn()).rejects.toMatchObject({ name: "VaultError" });
    expect(tab.page.location.href).toBe(address);
    browser.routes["POST /sessions"] = () => json(signedIn("ada"), 201);
    const reloaded = browser.open(once, tab.storage);
    reloaded.page.location.href = address;
    expect(await reloaded.client.completeSignIn()).toMatchObject({ user: { sub: "urn:ada" } });
    expect(reloaded.page.location.href).toBe(PAGE);
  },
);

test("what the API has refused for good is given up: the code is gone, and so is the state", async () => {
  const browser = answered();
  const tab = browser.open();
  const address = await comeBack(tab);
  browser.routes["POST /sessions"] = unauthorized;
  await expect(tab.client.completeSignIn()).rejects.toMatchObject({ code: "invalid_token" });
  expect(tab.page.location.href).toBe(PAGE);
  expect(await tab.client.completeSignIn({ url: address })).toBeUndefined();
  expect(browser.requests("POST /sessions")).toHaveLength(1);
});

test("a caller's signal ends its waiting; the sign-in goes on, for the other caller, too", async () => {
  const browser = answered();
  const tab = browser.open();
  await comeBack(tab);
  const { respond, release } = held();
  browser.routes["POST /sessions"] = respond;
  const stop = new AbortController();
  const first = tab.client.completeSignIn({ signal: stop.signal });
  first.catch(() => undefined);
  const other = tab.client.completeSignIn();
  await settle();
  stop.abort(new Error("unmounted"));
  await expect(first).rejects.toThrow("unmounted");
  release(json(signedIn("ada"), 201));
  expect(await other).toMatchObject({ user: { sub: "urn:ada" } });
  expect(await tab.client.user()).toMatchObject({ sub: "urn:ada" });
  expect(browser.requests("POST /sessions")).toHaveLength(1);
});

test("who calls with a signal that has been given already sends nothing", async () => {
  const browser = answered();
  const { client } = browser.open();
  const signal = AbortSignal.abort(new Error("enough"));
  const call = client.signInWithIdToken({ idToken: "id.token.x" }, { signal });
  await expect(call).rejects.toThrow("enough");
  expect(browser.sent).toEqual([]);
});

test("a second call while the first is under way, the address cleared by now, is the same sign-in", async () => {
  const browser = answered();
  const tab = browser.open();
  await comeBack(tab);
  const { respond, release } = held();
  browser.routes["POST /sessions"] = respond;
  const first = tab.client.completeSignIn();
  await settle();
  expect(tab.page.location.href).toBe(REDIRECT_URI);
  const second = tab.client.completeSignIn();
  release(json(signedIn("ada"), 201));
  expect(await second).toEqual(await first);
});

test("a router that has gone elsewhere meanwhile is not brought back", async () => {
  const browser = answered();
  const tab = browser.open();
  await comeBack(tab);
  browser.routes["POST /sessions"] = () => {
    tab.page.location.href = `${PAGE}elsewhere`;
    return json(signedIn("ada"), 201);
  };
  expect(await tab.client.completeSignIn()).toMatchObject({ returnTo: PAGE });
  expect(tab.page.location.href).toBe(`${PAGE}elsewhere`);
});

test("an answer that comes by another way, as `url`, leaves the address bar alone", async () => {
  const tab = answered().open();
  const address = await comeBack(tab);
  tab.page.location.href = `${PAGE}opener`;
  expect(await tab.client.completeSignIn({ url: address })).toBeDefined();
  expect(tab.page.location.href).toBe(`${PAGE}opener`);
});

test("where nothing can be stored, signIn refuses to leave: the answer could not be verified", async () => {
  const tab = answered().open({}, fullStorage());
  await expect(tab.client.signIn()).rejects.toMatchObject({ code: "unsupported" });
  expect(tab.page.location.href).toBe(PAGE);
});

test("an app that stays, because it opens a window, needs no storage for it", async () => {
  const addresses: string[] = [];
  const tab = answered().open({ navigate: (url) => addresses.push(url) }, fullStorage());
  await tab.client.signIn();
  const state = new URL(addresses[0] ?? "").searchParams.get("state") ?? "";
  const url = `${REDIRECT_URI}?code=c&state=${state}`;
  expect(await tab.client.completeSignIn({ url })).toMatchObject({ user: { sub: "urn:ada" } });
});

test("a problem document with `retryable` is retryable with any code, and was not processed", async () => {
  const browser = answered();
  const tab = browser.open({ retry: { retries: 1, maxWait: 0 } });
  await comeBack(tab);
  const busy = { code: "too_many_requests", retryable: true };
  const answers = [() => problem(429, busy), () => json(signedIn("ada"), 201)];
  browser.routes["POST /sessions"] = () => answers.shift()?.() ?? json({}, 500);
  expect(await tab.client.completeSignIn()).toMatchObject({ user: { sub: "urn:ada" } });
  browser.routes["GET /me"] = () => problem(409, { ...busy, action: "fix_request" }, 9);
  await expect(tab.client.user()).rejects.toMatchObject({
    action: "retry",
    retryable: true,
    retryAfter: 9,
    code: "too_many_requests",
  });
});
