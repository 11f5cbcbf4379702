/** What a user grants, as the published client tells it, at a provider that gives fewer scopes. */
import type { Page } from "playwright-core";
import type { VaultError } from "rollup-vault-client";
import { findProvider } from "../../local/provider/outside";
import { type Elsewhere, startElsewhere } from "../integration/other-providers";
import { inChromium } from "./in-chromium";
import { type Chrome, FRONTEND, signIn, startChrome } from "./support";

jest.setTimeout(300_000);

const ALL = ["openid", "profile", "email", "offline_access"];
const FEWER = ALL.filter((scope) => scope !== "email");
/** Of access tokens that are to run out; longer than a sign-in on a busy machine needs. */
const SHORT_SECONDS = 20;

inChromium("granted scopes in Chromium", () => {
  let elsewhere: Elsewhere;
  let chrome: Chrome;

  beforeAll(async () => {
    elsewhere = await startElsewhere([`${FRONTEND}/callback`]);
    const { issuer, clientId, clientSecret } = elsewhere;
    const { provider } = await findProvider({ issuer, clientId });
    chrome = await startChrome({ provider: { ...provider, clientSecret } });
  });

  afterAll(async () => {
    await chrome.close();
    await elsewhere.close();
  });

  async function tab(): Promise<Page> {
    const { scope, pkce, nonce } = chrome.stack.outputs.frontend;
    return await chrome.open(await chrome.context(), { provider: { scope, pkce, nonce } });
  }

  test("fewer than asked: told at once, named by the token that needs it, healed by a step-up", async () => {
    const page = await tab();
    await elsewhere.reject(["email"]);
    const fewer = await signIn(page, "Consent Eve");
    expect(fewer?.connection).toMatchObject({ connected: true, scopes: FEWER });
    expect(await ask(page)).toEqual({
      code: "needs_consent",
      action: "sign_in",
      missing: ["email"],
    });
    // Asked for, and refused again: noticed again.
    const again = await signIn(page, "Consent Eve", { scopes: ["email"] });
    expect(again?.connection).toMatchObject({ scopes: FEWER });
    expect(await ask(page)).toMatchObject({ missing: ["email"] });

    await elsewhere.reject([]);
    const healed = await signIn(page, "Consent Eve", { scopes: ["email"] });
    expect(healed?.connection).toMatchObject({ scopes: ALL });
    expect(await ask(page)).toMatchObject({ scope: ALL.join(" ") });
    await page.context().close();
  });

  test("changed at a refresh: the token comes without it, the next that needs it asks for consent", async () => {
    const page = await tab();
    await elsewhere.setLifetime(SHORT_SECONDS);
    await signIn(page, "Consent Max");
    expect(await ask(page)).toMatchObject({ scope: ALL.join(" ") });
    await elsewhere.reject(["email"]);
    // Half of its life is over: it is renewed.
    await page.waitForTimeout((SHORT_SECONDS * 1_000) / 2 + 1_000);
    const refreshed = await page.evaluate(
      async (seconds) => (await window.vault.accessToken({ minValidity: seconds })).scope,
      SHORT_SECONDS,
    );
    expect(refreshed).toBe(FEWER.join(" "));
    expect(await page.evaluate(() => window.vault.connection())).toMatchObject({
      status: "active",
      scopes: FEWER,
    });
    expect(await ask(page)).toMatchObject({ code: "needs_consent", missing: ["email"] });

    await elsewhere.reject([]);
    await signIn(page, "Consent Max", { scopes: ["email"] });
    expect(await ask(page)).toMatchObject({ scope: ALL.join(" ") });
    await page.context().close();
  });
});

/** For a token that opens `email`. */
async function ask(page: Page) {
  return await page.evaluate(async () => {
    const wanted = { requiredScopes: ["email"], minValidity: 1 };
    return await window.vault.accessToken(wanted).then(
      ({ scope }) => ({ scope }),
      (error: unknown) => {
        const { code, action, missingScopes: missing } = error as VaultError;
        return { code, action, missing };
      },
    );
  });
}
