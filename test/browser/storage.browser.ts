/** Where a session is kept: what is there after a new tab, a restart, a sign-out elsewhere. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { inChromium } from "./in-chromium";
import { type Chrome, FRONTEND, signIn, startChrome } from "./support";

jest.setTimeout(300_000);

const stateOf = (page: Page) => page.evaluate(() => window.vault.state);
const nameOf = async (page: Page) => (await page.evaluate(() => window.vault.user())).claims.name;

/** The client's own texts in both storages. */
const kept = (page: Page) =>
  page.evaluate(() => [sessionStorage, localStorage].map((storage) => Object.keys(storage).length));

inChromium("the storage choices in Chromium", () => {
  let chrome: Chrome;
  let profile: string;

  beforeAll(async () => {
    chrome = await startChrome();
    profile = mkdtempSync(join(tmpdir(), "profile-"));
  });

  afterAll(async () => {
    await chrome.close();
    rmSync(profile, { recursive: true, force: true });
  });

  test('"tab": a reload is signed in, a new tab is not', async () => {
    const context = await chrome.context();
    const page = await chrome.open(context, { storage: "tab" });
    expect(await stateOf(page)).toBe("signed-out");
    await signIn(page, "Storage Tab");
    await page.reload();
    await page.waitForFunction(() => "vault" in window);
    expect(await stateOf(page)).toBe("signed-in");
    expect(await kept(page)).toEqual([1, 0]);
    expect(await stateOf(await chrome.open(context, { storage: "tab" }))).toBe("signed-out");
    await context.close();
  });

  test('"memory": nothing is kept, and the next load is signed out', async () => {
    const context = await chrome.context();
    const page = await chrome.open(context, { storage: "memory" });
    await signIn(page, "Storage Memory");
    expect(await nameOf(page)).toBe("Storage Memory");
    expect(await kept(page)).toEqual([0, 0]);
    await page.reload();
    await page.waitForFunction(() => "vault" in window);
    expect(await stateOf(page)).toBe("signed-out");
    await context.close();
  });

  test('"local": a new tab is signed in at once, and signing out is so in all of them', async () => {
    const context = await chrome.context();
    const page = await chrome.open(context, { storage: "local" });
    await signIn(page, "Storage Local");
    expect(await kept(page)).toEqual([0, 1]);
    const other = await chrome.open(context, { storage: "local" });
    expect(await stateOf(other)).toBe("signed-in");
    expect(await nameOf(other)).toBe("Storage Local");
    await other.evaluate(() => {
      window.vault.onChange((state) => window.heard.push(state));
    });
    await page.evaluate(() => window.vault.signOut());
    await other.waitForFunction(() => window.heard.includes("signed-out"));
    expect(await stateOf(other)).toBe("signed-out");
    expect(await kept(other)).toEqual([0, 0]);
    await context.close();
  });

  test('"local": a tab that was open before the sign-in is signed in by it', async () => {
    const context = await chrome.context();
    const other = await chrome.open(context, { storage: "local" });
    const page = await chrome.open(context, { storage: "local" });
    await other.evaluate(() => {
      window.vault.onChange((state) => window.heard.push(state));
    });
    await signIn(page, "Storage Before");
    await other.waitForFunction(() => window.heard.includes("signed-in"));
    expect(await nameOf(other)).toBe("Storage Before");
    await context.close();
  });

  test('"local": signed in after the browser was closed and started again; "tab" is not', async () => {
    let context: BrowserContext = await chrome.persistent(profile);
    await signIn(await chrome.open(context, { storage: "local" }), "Storage Restart");
    await context.close();
    context = await chrome.persistent(profile);
    const page = await chrome.open(context, { storage: "local" });
    expect(await stateOf(page)).toBe("signed-in");
    expect(await nameOf(page)).toBe("Storage Restart");
    expect(await stateOf(await chrome.open(context, { storage: "tab" }))).toBe("signed-out");
    await context.close();
  });

  test("after Cancel one is back where one was, and the next sign-in comes back there, too", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context, { storage: "local" });
    await page.goto(`${FRONTEND}/orders?id=7#top`);
    await page.waitForFunction(() => "vault" in window);
    await page.evaluate(() => window.vault.signIn());
    await page.getByRole("button", { name: /Cancel/ }).click();
    await page.waitForURL(/\/callback/);
    await page.waitForFunction(() => "vault" in window);
    const error = await page.evaluate(() =>
      window.vault.completeSignIn().catch((thrown: unknown) => ({ ...(thrown as object) })),
    );
    const place = `${FRONTEND}/orders?id=7#top`;
    expect(error).toMatchObject({ code: "sign_in_denied", action: "sign_in", returnTo: place });
    expect(page.url()).toBe(place);
    await signIn(page, "Storage Cancel");
    expect(page.url()).toBe(place);
    await context.close();
  });

  test("who asks for the user or a token while the sign-in is completed gets it", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await page.evaluate(() => window.vault.signIn({ parameters: { user: "Storage Waits" } }));
    await page.waitForURL(/\/callback/);
    await page.waitForFunction(() => "vault" in window);
    const [name, token, states] = await page.evaluate(async () => {
      const { vault } = window;
      const completing = vault.completeSignIn();
      const before = vault.state;
      const [user, { access_token: got }] = await Promise.all([vault.user(), vault.accessToken()]);
      await completing;
      return [user.claims.name, got.length > 0, [before, vault.state]] as const;
    });
    expect([name, token, states]).toEqual(["Storage Waits", true, ["signing-in", "signed-in"]]);
    await context.close();
  });
});
