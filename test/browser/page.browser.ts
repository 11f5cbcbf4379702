/**
 * The page as a person uses it, on the real stack: by mouse, by keyboard alone, and in two tabs.
 */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { inChromium } from "./in-chromium";
import { press, tabTo, type } from "./keyboard";
import { heading, said, signIn, usePageWorld, view } from "./page-world";

const world = usePageWorld();

inChromium("the page", () => {
  test("the whole journey by mouse: sign in, edit, token, userinfo, export, disconnect, sign out", async () => {
    const { page, complaints } = await world.open();
    await signIn(page, "Ada Lovelace");
    expect(page.url()).toBe(`${world.stack.outputs.pageUrl}/`);
    await page.locator("main").getByText("Ada Lovelace", { exact: true }).waitFor();

    await page.locator("#attributes").fill('{ "theme": "quiet" ');
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("This is not JSON yet.").waitFor();
    await page.locator("#attributes").fill('{ "theme": "quiet" }');
    await page.getByRole("button", { name: "Save" }).click();
    await said(page, "Saved.");

    await view(page, "Access token");
    await page.getByRole("button", { name: "Get an access token" }).click();
    await page.locator("[data-clock]").waitFor();
    expect(await page.locator("#token-text").textContent()).toMatch(/^eyJhbG•{12}.{4}$/);
    await page.getByRole("button", { name: "Reveal" }).click();
    expect(await page.locator("#token-text").textContent()).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    await page.getByRole("button", { name: "Call userinfo" }).click();
    await said(page, "Rollup ID has answered.");
    expect(await page.locator(".answer").textContent()).toContain('"name": "Ada Lovelace"');
    expect(await page.locator("#call-resource").count()).toBe(0);

    await view(page, "Your data");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export my data" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("rollup-vault-export.json");
    const exported = readFileSync(await download.path(), "utf8");
    expect(JSON.parse(exported)).toMatchObject({
      user: { claims: { name: "Ada Lovelace" }, attributes: { theme: "quiet" } },
      refresh_token: { status: "active" },
    });
    expect(exported).not.toMatch(/eyJ|rvs_/);

    await view(page, "Connection");
    await page.getByText("Healthy").waitFor();
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await page.getByText("Not connected").waitFor();
    await page.locator(".timeline").getByText("Disconnected").waitFor();

    await view(page, "Sessions");
    await page.getByText("this one").waitFor();
    await page.getByRole("button", { name: "Sign out here" }).click();
    await said(page, "You are signed out here.");
    expect(complaints).toEqual([]);
  });

  test("the same by keyboard alone, with the focus to be seen at every step", async () => {
    const { page, complaints } = await world.open();
    await heading(page, "Sign in once. Stay connected.");
    await press(page, "Sign in with Rollup ID");
    await page.getByRole("heading", { name: "Sign in with Rollup ID" }).waitFor();
    await type(page, /Who are you|somebody else/, "Grace Hopper");
    await page.keyboard.press("Enter");
    await heading(page, "Profile");

    await type(page, "Attributes as a JSON object", '{ "keys": true }');
    await press(page, "Save");
    await said(page, "Saved.");

    await press(page, "Access token");
    await heading(page, "Access token");
    await press(page, "Get an access token");
    await page.locator("[data-clock]").waitFor();
    await press(page, "Call userinfo");
    await said(page, "Rollup ID has answered.");

    await press(page, "Your data");
    await heading(page, "Your data");
    await press(page, "Erase everything…");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await tabTo(page, /^Down/);
    await press(page, "Erase everything…");
    await type(page, "Type “erase” to confirm", "erase");
    await press(page, "Erase everything");
    await said(page, /is erased/);
    expect(complaints).toEqual([]);
  });

  test("an access token counts down, and is renewed by itself before it runs out", async () => {
    await world.programme({ access_token_lifetime_seconds: 8 });
    const { page } = await world.open();
    await signIn(page, "Renewal");
    await view(page, "Access token");
    await page.getByRole("button", { name: "Get an access token" }).click();
    const clock = page.locator("[data-clock]");
    const secondsLeft = async () => Number(((await clock.textContent()) ?? "").split(":").at(-1));
    const first = await secondsLeft();
    await page.waitForFunction(
      (before) =>
        document.querySelector("[data-clock]")?.textContent === `0:0${String(before - 1)}`,
      first,
    );
    await page.getByText("Renewed so far: 1.").waitFor({ timeout: 60_000 });
  });

  test("who changes the same attributes in two tabs is told, and keeps what was typed", async () => {
    const { page } = await world.open();
    await signIn(page, "Conflict");
    const other = await openBeside(page);
    await page.locator("#attributes").fill('{ "from": "one" }');
    await page.getByRole("button", { name: "Save" }).click();
    await said(page, "Saved.");
    await other.locator("#attributes").fill('{ "from": "other" }');
    await other.getByRole("button", { name: "Save" }).click();
    await other.getByRole("alert").getByText("Changed somewhere else").waitFor();
    expect(await other.locator("#attributes").inputValue()).toBe('{ "from": "other" }');
    await other.getByRole("button", { name: "Refresh attributes" }).click();
    await other.waitForFunction(() =>
      document.querySelector<HTMLTextAreaElement>("#attributes")?.value.includes('"one"'),
    );
  });

  test("erased in one tab, noticed in the other", async () => {
    const { page } = await world.open();
    await signIn(page, "Forgotten");
    const other = await openBeside(page);
    await view(page, "Your data");
    await page.getByRole("button", { name: "Erase everything…" }).click();
    await page.locator("#confirm-word").fill("erase");
    await page.locator("#confirm-yes").click();
    await said(page, /is erased/);
    await said(other, "Everything about you was erased in another tab.");
    await other.getByRole("heading", { name: "Sign in once. Stay connected." }).waitFor();
  });

  test("signed out everywhere: the other browser of the same person is signed out, too", async () => {
    const { page } = await world.open();
    const { page: elsewhere } = await world.open();
    await signIn(page, "Everywhere");
    await elsewhere.locator("#sign-in").click();
    await elsewhere.getByRole("button", { name: "Everywhere", exact: true }).click();
    await heading(elsewhere, "Profile");
    await view(page, "Sessions");
    await page.locator(".list li").nth(1).waitFor();
    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    await said(page, "You are signed out everywhere.");
    await elsewhere.getByRole("link", { name: "Connection", exact: true }).click();
    await elsewhere.getByRole("heading", { name: "Sign in once. Stay connected." }).waitFor();
    await said(elsewhere, /Your session is over/);
  });

  test("who says no at Rollup ID comes back to a page that says what that means", async () => {
    const { page } = await world.open();
    await page.locator("#sign-in").click();
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await page.getByRole("alert").getByText("You did not sign in").waitFor();
  });

  test("the contract is a click away, for people and for programs", async () => {
    const { page } = await world.open();
    const link = page.getByRole("link", { name: "openapi.json" });
    const served = await fetch((await link.getAttribute("href")) ?? "");
    expect(await served.json()).toMatchObject({ openapi: "3.1.0" });
    await page.getByRole("link", { name: "API docs" }).click();
    await page
      .getByRole("heading", { name: /rollup-vault/ })
      .first()
      .waitFor();
    await page.getByText("/me/access-token").first().waitFor();
    expect(page.url()).toBe(world.stack.outputs.apiDocsUrl);
  });

  test("the diagram is drawn from the real requests and holds no secret", async () => {
    const { page } = await world.open();
    await signIn(page, "Diagram");
    const panel = page.getByRole("region", { name: "What just happened" });
    await panel.getByText(/^Sign in: /).waitFor();
    await panel.getByText("The same as a list").click();
    const steps = (await panel.locator("ol.steps li").allTextContents()).join("\n");
    for (const step of [
      /Browser asks Rollup ID: GET \/authorize/,
      /Browser asks API: POST \/sessions/,
      /API asks Rollup ID: POST \/token/,
      /API asks KMS: GenerateDataKey/,
      /API asks DynamoDB: \w+ RefreshTokens/,
      /API answers Browser: 201/,
    ]) {
      expect(steps).toMatch(step);
    }
    const activity = await (await fetch(`${world.stack.outputs.pageUrl}/local/activity`)).text();
    expect(activity).not.toMatch(/eyJ|rvs_|0x[0-9a-f]{48}|urn:rollupid/);
    expect(activity).not.toContain(world.stack.outputs.clientSecret);
  });
});

/** A second tab of the same person: what the first one keeps for its lifetime is copied. */
async function openBeside(page: Page): Promise<Page> {
  const [other] = await Promise.all([
    page.context().waitForEvent("page"),
    page.evaluate(() => {
      open(location.href);
    }),
  ]);
  await heading(other, "Profile");
  return other;
}
