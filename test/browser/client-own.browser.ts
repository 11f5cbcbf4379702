/**
 * What Chromium itself does to a client: closed channels, full storages, addresses of others, two
 * pages in one tab.
 */
import type { Page } from "playwright-core";
import { inChromium } from "./in-chromium";
import { type Chrome, FRONTEND, signIn, startChrome } from "./support";

jest.setTimeout(300_000);

/**
 * Goes to the provider as somebody, and is back at the redirect URI with an answer that nobody has
 * taken yet.
 */
async function comeBack(page: Page, name: string): Promise<void> {
  await page.evaluate(() => window.vault.signIn());
  await page.getByLabel(/Who are you|Somebody else|another/i).fill(name);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(/\/callback/);
  await page.waitForFunction(() => "vault" in window);
}

const whoIs = async (page: Page) =>
  await page.evaluate(() =>
    window.vault.user().then(
      ({ claims }) => claims.name,
      (error: unknown) => (error as { code: string }).code,
    ),
  );

inChromium("the client and Chromium's own", () => {
  let chrome: Chrome;

  beforeAll(async () => {
    chrome = await startChrome();
  });

  afterAll(async () => {
    await chrome.close();
  });

  test("a client that is closed while it signs in, and used on", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await comeBack(page, "Own Close");
    const name = await page.evaluate(async () => {
      const first = window.vault.completeSignIn();
      window.vault.close();
      const [one, other] = await Promise.all([first, window.vault.completeSignIn()]);
      return [one?.user.claims.name, other?.user.claims.name];
    });
    expect(name).toEqual(["Own Close", "Own Close"]);
    expect(await whoIs(page)).toBe("Own Close");
    await context.close();
  });

  test("codes and errors of others stay in the address, and the user stays signed in", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await signIn(page, "Own Address");
    for (const path of [
      "/pricing?code=SUMMER20",
      "/checkout?error=card_declined",
      "/callback?code=c&state=s",
    ]) {
      await page.goto(FRONTEND + path);
      await page.waitForFunction(() => "vault" in window);
      expect(
        await page.evaluate(async () => (await window.vault.completeSignIn()) === undefined),
      ).toBe(true);
      expect(page.url()).toBe(FRONTEND + path);
      expect(await whoIs(page)).toBe("Own Address");
    }
    await context.close();
  });

  test("a storage that is really full: signed in all the same", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await comeBack(page, "Own Quota");
    const name = await page.evaluate(async () => {
      let text = "x".repeat(1 << 20);
      while (text !== "") {
        try {
          sessionStorage.setItem(`fill-${String(sessionStorage.length)}`, text);
        } catch {
          text = text.slice(0, text.length >> 1);
        }
      }
      return (await window.vault.completeSignIn())?.user.claims.name;
    });
    expect(name).toBe("Own Quota");
    expect(await whoIs(page)).toBe("Own Quota");
    await context.close();
  });

  test("a page that was left has the newer session of its tab when it is shown again", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await signIn(page, "Own Twice");
    const stored = () => page.evaluate(() => JSON.stringify(Object.entries(sessionStorage)));
    const before = await stored();
    // A frame has the storage of its tab, as the page has that takes the place of one in the cache.
    await page.evaluate(async () => {
      const frame = document.createElement("iframe");
      frame.src = "/frame";
      await new Promise((resolve) => {
        frame.onload = resolve;
        document.body.append(frame);
      });
    });
    const frame = page.frames()[1]!;
    await frame.waitForFunction(() => "vault" in window);
    await frame.evaluate(() => window.vault.signIn({ parameters: { user: "Own Twice" } }));
    await frame.waitForURL(/\/callback/);
    await frame.waitForFunction(() => "vault" in window);
    const ended = page.waitForResponse(
      (response) =>
        response.request().method() === "DELETE" && response.url().endsWith("/sessions/current"),
    );
    await frame.evaluate(() => window.vault.completeSignIn());
    expect((await ended).status()).toBe(204);
    const after = await stored();
    expect(after).not.toBe(before);
    await page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    });
    await page.waitForFunction(() => window.heard.length > 1);
    expect(await whoIs(page)).toBe("Own Twice");
    expect(await page.evaluate(() => window.heard.map((event) => (event as string[])[0]))).toEqual([
      "signed-in",
      "signed-in",
    ]);
    expect(await stored()).toBe(after);
    await context.close();
  });
});
