import { createHash } from "node:crypto";
import {
  createBrowser,
  json,
  PAGE,
  signedIn,
  signIn,
  type Tab,
  unauthorized,
} from "./browser-double.js";

const answered = () => createBrowser({ "POST /sessions": () => json(signedIn("ada"), 201) });
const REDIRECT_URI = `${PAGE}callback`;

const stateOf = ({ page }: Tab) => new URL(page.location.href).searchParams.get("state") ?? "";

test("the person is sent to Rollup ID with a fresh state, and with no protection that it ignores", async () => {
  const tab = answered().open();
  const states = new Set<string>();
  for (let times = 0; times < 3; times += 1) {
    tab.page.location.href = PAGE;
    await tab.client.signIn({ parameters: { prompt: "consent", state: "mine", client_id: "x" } });
    const url = new URL(tab.page.location.href);
    expect(url.origin + url.pathname).toBe("https://passport.rollup.id/authorize");
    const { state = "", ...others } = Object.fromEntries(url.searchParams);
    expect(others).toEqual({
      scope: "openid profile",
      response_type: "code",
      client_id: "client",
      redirect_uri: REDIRECT_URI,
      prompt: "consent",
    });
    expect(state).toMatch(/^[\w-]{43}$/);
    states.add(state);
  }
  expect(states.size).toBe(3);
});

test("where the provider honours them, nonce and PKCE go along and come back (RFC 7636 section 4.2)", async () => {
  const browser = answered();
  const tab = browser.open({
    provider: {
      clientId: "client",
      redirectUri: REDIRECT_URI,
      pkce: true,
      nonce: true,
      authorizationEndpoint: "https://id.example/auth?tenant=1",
      scope: "openid email",
    },
  });
  await tab.client.signIn();
  const { searchParams } = new URL(tab.page.location.href);
  const {
    state = "",
    nonce,
    code_challenge: challenge,
    ...rest
  } = Object.fromEntries(searchParams);
  expect(rest).toMatchObject({ code_challenge_method: "S256", tenant: "1", scope: "openid email" });
  tab.page.location.href = `${REDIRECT_URI}?code=c&state=${state}`;
  await tab.client.completeSignIn();
  const { body } = browser.requests("POST /sessions")[0]!;
  const { code_verifier: verifier = "", ...proof } = body as Record<string, string>;
  expect(createHash("sha256").update(verifier).digest("base64url")).toBe(challenge);
  expect(proof).toEqual({ code: "c", redirect_uri: REDIRECT_URI, nonce, scope: "openid email" });
});

test.each([
  [{ scopes: ["email"] }, "openid profile email"],
  [{ scopes: ["email"], parameters: { scope: "openid" } }, "openid email"],
  [{ scopes: [] }, "openid profile"],
])("a sign-in with %j asks for %s, and tells the API so", async (options, scope) => {
  const browser = answered();
  const tab = browser.open();
  await tab.client.signIn(options);
  const { searchParams } = new URL(tab.page.location.href);
  expect(searchParams.get("scope")).toBe(scope);
  tab.page.location.href = `${REDIRECT_URI}?code=c&state=${searchParams.get("state") ?? ""}`;
  const done = await tab.client.completeSignIn();
  expect(browser.requests("POST /sessions")[0]!.body).toMatchObject({ scope });
  expect(done?.connection).toEqual(signedIn("ada").connection);
});

test("one comes back to the page that one left, and no code stays in the address", async () => {
  const browser = answered();
  const redirectUri = `${REDIRECT_URI}?kept=1`;
  const tab = browser.open({ provider: { clientId: "client", redirectUri } });
  tab.page.location.href = `${PAGE}orders?id=7#top`;
  let during = "";
  browser.routes["POST /sessions"] = () => {
    during = tab.page.location.href;
    return json(signedIn("ada"), 201);
  };
  await tab.client.signIn();
  const state = new URL(tab.page.location.href).searchParams.get("state") ?? "";
  tab.page.location.href = `${redirectUri}&code=c&state=${state}`;
  const completed = await tab.client.completeSignIn();
  expect(during).toBe(`${REDIRECT_URI}?kept=1`);
  expect(completed).toMatchObject({ user: { sub: "urn:ada" }, returnTo: `${PAGE}orders?id=7#top` });
  expect(tab.page.location.href).toBe(`${PAGE}orders?id=7#top`);
});

test.each(["https://evil.example/", "//evil.example", "javascript:alert(1)"])(
  "returnTo %s is refused",
  async (returnTo) => {
    const tab = answered().open();
    await expect(tab.client.signIn({ returnTo })).rejects.toMatchObject({
      code: "invalid_options",
      action: "fix_request",
    });
    expect(tab.page.location.href).toBe(PAGE);
  },
);

test.each(["?error=access_denied&state=STATE", "?=error=access_denied"])(
  "a no is told from %s, once",
  async (query) => {
    const tab = answered().open();
    tab.page.location.href = `${PAGE}orders?id=7`;
    await tab.client.signIn();
    const address = REDIRECT_URI + query.replace("STATE", stateOf(tab));
    tab.page.location.href = address;
    await expect(tab.client.completeSignIn()).rejects.toMatchObject({
      code: "sign_in_denied",
      action: "sign_in",
      reason: "access_denied",
      returnTo: `${PAGE}orders?id=7`,
    });
    // Back where one was, for the next sign-in, too.
    expect(tab.page.location.href).toBe(`${PAGE}orders?id=7`);
    expect(tab.storage).toHaveLength(0);
    expect(await tab.client.completeSignIn({ url: address })).toBeUndefined();
  },
);

test("an address without an answer stays as it is", async () => {
  const tab = answered().open();
  tab.page.location.href = `${PAGE}?state=of-the-app`;
  expect(await tab.client.completeSignIn()).toBeUndefined();
  expect(tab.page.location.href).toBe(`${PAGE}?state=of-the-app`);
});

test("two calls at once, as React's strict mode makes them, are one sign-in", async () => {
  const browser = answered();
  const tab = browser.open();
  await tab.client.signIn();
  const state = new URL(tab.page.location.href).searchParams.get("state") ?? "";
  tab.page.location.href = `${REDIRECT_URI}?code=c&state=${state}`;
  const [one, other] = await Promise.all([
    tab.client.completeSignIn(),
    tab.client.completeSignIn(),
  ]);
  expect(one).toEqual(other);
  expect(browser.requests("POST /sessions")).toHaveLength(1);
});

test("a refused code does not end the session that is open", async () => {
  const browser = answered();
  const tab = browser.open();
  await signIn(browser, tab, "ada");
  browser.routes["POST /sessions"] = unauthorized;
  const heard = jest.fn();
  tab.client.on("signed-out", heard);
  await tab.client.signIn();
  const state = new URL(tab.page.location.href).searchParams.get("state") ?? "";
  tab.page.location.href = `${REDIRECT_URI}?code=c&state=${state}`;
  await expect(tab.client.completeSignIn()).rejects.toMatchObject({ action: "sign_in" });
  expect(heard).not.toHaveBeenCalled();
  expect(tab.storage).toHaveLength(1);
});

test("signIn without a provider is a mistake that says so", async () => {
  const tab = answered().open({ provider: undefined });
  await expect(tab.client.signIn()).rejects.toMatchObject({ code: "invalid_options" });
});
