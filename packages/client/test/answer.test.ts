/** What providers write into the address of their answer, and who wrote it (RFC 9207). */
import {
  createBrowser,
  json,
  PAGE,
  problem,
  signedIn,
  type Tab,
  unavailable,
} from "./browser-double.js";

const ISSUER = "https://id.example";
const REDIRECT_URI = `${PAGE}callback`;
const answered = () => createBrowser({ "POST /sessions": () => json(signedIn("ada"), 201) });
const providerOf = (more: { issuer?: string; iss?: boolean } = {}) => ({
  provider: { clientId: "client", redirectUri: REDIRECT_URI, ...more },
});

/** To the provider and back with `added` behind code and state. */
async function comeBack(tab: Tab, added: string, code = "code=c"): Promise<void> {
  await tab.client.signIn();
  const state = new URL(tab.page.location.href).searchParams.get("state") ?? "";
  tab.page.location.href = `${REDIRECT_URI}?${code}&state=${state}${added}`;
}

describe("the issuer of an answer", () => {
  test.each([
    ["is the provider's", { issuer: ISSUER, iss: true }, `&iss=${encodeURIComponent(ISSUER)}`],
    ["may be absent with a provider that does not name it", { issuer: ISSUER }, ""],
    ["is not compared where the app names none", {}, "&iss=https%3A%2F%2Fevil.example"],
  ])("%s", async (_, provider, added) => {
    const browser = answered();
    const tab = browser.open(providerOf(provider));
    await comeBack(tab, added);
    expect(await tab.client.completeSignIn()).toMatchObject({ user: { sub: "urn:ada" } });
    expect(browser.requests("POST /sessions")).toHaveLength(1);
  });

  test.each([
    ["of another issuer", { issuer: ISSUER }, "&iss=https%3A%2F%2Fevil.example"],
    ["of another issuer, spelled alike", { issuer: ISSUER }, "&iss=https%3A%2F%2Fid.example%2F"],
    ["of no issuer", { issuer: ISSUER }, "&iss="],
    ["without one, of a provider that always names it", { issuer: ISSUER, iss: true }, ""],
    ["of two, the last one another", { issuer: ISSUER }, `&iss=${ISSUER}&iss=evil`],
  ])("an answer %s is refused, and nothing is sent", async (_, provider, added) => {
    for (const code of ["code=c", "error=access_denied"]) {
      const browser = answered();
      const tab = browser.open(providerOf(provider));
      await comeBack(tab, added, code);
      const address = tab.page.location.href;
      const refused: unknown = await tab.client.completeSignIn().catch((error: unknown) => error);
      expect(refused).toMatchObject({
        name: "VaultError",
        code: "sign_in_denied",
        action: "sign_in",
        reason: "issuer_mismatch",
        message: "sign in denied",
      });
      expect(browser.sent).toEqual([]);
      expect(tab.page.location.href).toBe(PAGE);
      expect(tab.storage).toHaveLength(0);
      expect(await tab.client.completeSignIn({ url: address })).toBeUndefined();
    }
  });
});

describe("what a provider adds to the address is gone at once", () => {
  test.each([
    ["Google", "&scope=openid+email&authuser=0&hd=example.org&prompt=consent"],
    ["Keycloak", "&session_state=7c3b&iss=https%3A%2F%2Fid.example%2Frealms%2Fx"],
    ["Microsoft Entra ID", "&session_state=7c3b&client_info=eyJ1aWQi&admin_consent=True&tenant=t"],
    ["whoever comes next", "&anything=else&error_uri=https%3A%2F%2Fid.example%2Fwhy"],
  ])("%s", async (_, added) => {
    const browser = answered();
    const tab = browser.open(providerOf());
    let during = "";
    browser.routes["POST /sessions"] = () => {
      during = tab.page.location.href;
      return json(signedIn("ada"), 201);
    };
    await comeBack(tab, added);
    await tab.client.completeSignIn();
    expect(during).toBe(REDIRECT_URI);
    expect(tab.page.location.href).toBe(PAGE);
  });

  test("and is back after an error that may pass", async () => {
    const browser = answered();
    const tab = browser.open({ ...providerOf(), retry: { retries: 0 } });
    browser.routes["POST /sessions"] = () => unavailable(1);
    await comeBack(tab, "&session_state=7c3b");
    const address = tab.page.location.href;
    await expect(tab.client.completeSignIn()).rejects.toMatchObject({ action: "retry" });
    expect(tab.page.location.href).toBe(address);
  });

  test("an answer that is shown when a sign-in begins is no place to return to", async () => {
    const browser = answered();
    const tab = browser.open(providerOf());
    tab.page.location.href = `${REDIRECT_URI}?code=old&state=old&session_state=7c3b#top`;
    await comeBack(tab, "");
    expect(await tab.client.completeSignIn()).toMatchObject({ returnTo: `${REDIRECT_URI}#top` });
  });

  test.each(["orders?code=7&scope=mine", "?prompt=yes&hd=1&state=of-the-app", "callback?tab=2"])(
    "what is the app's own stays: /%s",
    async (path) => {
      const browser = answered();
      const tab = browser.open(providerOf());
      tab.page.location.href = PAGE + path;
      await comeBack(tab, "&scope=openid");
      await tab.client.completeSignIn();
      expect(tab.page.location.href).toBe(PAGE + path);
    },
  );
});

describe("12.2: a code that may be spent is never sent again by itself", () => {
  const gateway = () => json({ message: "Service Unavailable" }, 503);
  const quick = { retry: { retries: 2, maxWait: 5 } };

  test.each([
    ["a gateway's 503", gateway],
    ["a gateway's 504", () => json({ message: "Endpoint request timed out" }, 504)],
    ["a 500", () => json({ message: "Internal Server Error" }, 500)],
    ["no answer", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["a refusal", () => problem(401, { code: "invalid_token", action: "sign_in" })],
  ])("after %s", async (_, answer) => {
    const browser = answered();
    const tab = browser.open({ ...providerOf(), ...quick });
    browser.routes["POST /sessions"] = answer;
    await comeBack(tab, "");
    await expect(tab.client.completeSignIn()).rejects.toBeInstanceOf(Error);
    expect(browser.requests("POST /sessions")).toHaveLength(1);
  });

  test("a code that the API has refused is forgotten: not even a reload sends it", async () => {
    const browser = answered();
    const tab = browser.open(providerOf());
    browser.routes["POST /sessions"] = () =>
      problem(401, { code: "invalid_token", action: "sign_in" });
    await comeBack(tab, "");
    const address = tab.page.location.href;
    await expect(tab.client.completeSignIn()).rejects.toMatchObject({ action: "sign_in" });
    expect(await tab.client.completeSignIn({ url: address })).toBeUndefined();
    expect(browser.requests("POST /sessions")).toHaveLength(1);
  });

  test.each([
    ["the API's own 503", () => unavailable(0)],
    ["the API's 429", () => problem(429, { code: "too_many_requests", action: "retry" })],
    ["a throttle of the gateway", () => json({ message: "Too Many Requests" }, 429)],
  ])("%s means that it was not spent, and it is", async (_, busy) => {
    const browser = answered();
    const tab = browser.open({ ...providerOf(), ...quick });
    const answers = [busy];
    browser.routes["POST /sessions"] = () => answers.shift()?.() ?? json(signedIn("ada"), 201);
    await comeBack(tab, "");
    expect(await tab.client.completeSignIn()).toMatchObject({ user: { sub: "urn:ada" } });
    expect(browser.requests("POST /sessions")).toHaveLength(2);
  });
});
