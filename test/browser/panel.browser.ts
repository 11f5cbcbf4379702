/**
 * The panel that breaks the local Rollup ID, each of its buttons and choices, and what a person
 * sees of it.
 */
import { inChromium } from "./in-chromium";
import { type PageWorld, said, signIn, startPageWorld, view } from "./page-world";

jest.setTimeout(300_000);

let world: PageWorld;

inChromium("breaking Rollup ID", () => {
  beforeAll(async () => {
    world = await startPageWorld();
  });

  afterEach(async () => {
    await world.programme({ reset: true });
  });

  afterAll(async () => {
    await world.close();
  });

  test("Rollup ID goes down and comes back: said in words, tried again by itself, nobody signed out", async () => {
    await world.programme({ access_token_lifetime_seconds: 20 });
    const { page } = await world.open();
    await signIn(page, "Outage");
    await view(page, "Access token");
    await page.locator("#fault-down").click();
    await page.getByText("Rollup ID is down").waitFor();
    await page.getByRole("button", { name: "Get an access token" }).click();
    await page.getByRole("alert").getByText("Not available right now").waitFor();
    await page.getByText(/Trying again in \d+ s/).waitFor();
    await page.locator("#faults-reset").click();
    await page.locator("[data-clock]").waitFor({ timeout: 60_000 });
    expect(await page.getByRole("alert").textContent()).toBe("");
  });

  test("the README's tour: short-lived access tokens, one that renews itself, an outage in between", async () => {
    const { page } = await world.open();
    await page.getByLabel("Access tokens live for").selectOption("20 seconds");
    await signIn(page, "Tour");
    await view(page, "Access token");
    await page.getByRole("button", { name: "Get an access token" }).click();
    await page.getByText("Renewed so far: 1.").waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: /^Down/ }).click();
    await page.getByRole("alert").getByText("Not available right now").waitFor({ timeout: 60_000 });
    await page.getByText(/Trying again in \d+ s/).waitFor();
    await page.getByRole("button", { name: "Back to normal" }).click();
    await page.getByText("Renewed so far: 2.").waitFor({ timeout: 60_000 });
  });

  test("a broken answer of Rollup ID is one pause with words, whatever is wrong with it", async () => {
    await world.programme({ access_token_lifetime_seconds: 20 });
    const { page } = await world.open();
    await signIn(page, "Broken Answers");
    await view(page, "Access token");
    for (const fault of ["500", "HTML", "Cut off"]) {
      const name = new RegExp(`^${fault}:`);
      const faults = page.getByRole("group", { name: "Faults" });
      await faults.getByRole("button", { name }).click();
      await faults.getByRole("button", { name, pressed: true }).waitFor();
      await page.getByText("The next token answer is broken.").waitFor();
      await page.reload();
      await page.getByRole("button", { name: "Get an access token" }).click();
      await page.getByRole("alert").getByText("Not available right now").waitFor();
      await page.getByRole("button", { name: "Try again now" }).click();
      await page.locator("[data-clock]").waitFor({ timeout: 60_000 });
    }
    await page.locator("#fault-new-keys").click();
    await page.getByRole("button", { name: "Call userinfo" }).click();
    await said(page, "Rollup ID has answered.");
  });

  test("a dead grant asks to sign in again, and signing in again heals it", async () => {
    await world.programme({ access_token_lifetime_seconds: 20 });
    const { page } = await world.open();
    await signIn(page, "Dead Grant");
    await view(page, "Access token");
    await page.locator("#fault-dead-grant").click();
    await page.getByText("The next token answer is broken.").waitFor();
    await page.getByRole("button", { name: "Get an access token" }).click();
    await page.getByRole("alert").getByText("Please sign in again").waitFor();
    await view(page, "Connection");
    await page.getByText("Sign-in needed", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Sign in again" }).click();
    await page.getByRole("button", { name: "Dead Grant" }).click();
    await page.getByText("Healthy").waitFor();
  });

  test("a slow answer is waited for, and its time is in the diagram", async () => {
    await world.programme({ access_token_lifetime_seconds: 20 });
    const { page } = await world.open();
    await signIn(page, "Slow");
    await view(page, "Access token");
    await page.locator("#fault-slow").click();
    await page.getByRole("button", { name: "Get an access token" }).click();
    await page.locator("[data-clock]").waitFor({ timeout: 60_000 });
    expect(await page.getByRole("alert").textContent()).toBe("");
    const summary = page.getByText(/Rollup ID.* in \d+ ms/);
    const [, milliseconds] = / in (\d+) ms/.exec((await summary.textContent()) ?? "") ?? [];
    expect(Number(milliseconds)).toBeGreaterThanOrEqual(3_000);
  });

  test.each(["with grace", "strictly"])(
    "refresh tokens that rotate %s are followed from renewal to renewal",
    async (rotation) => {
      const { page } = await world.open();
      await page.getByLabel("Access tokens live for").selectOption("20 seconds");
      await page.getByLabel("Refresh tokens rotate").selectOption(rotation);
      await signIn(page, `Rotation ${rotation}`);
      await view(page, "Access token");
      await page.getByRole("button", { name: "Get an access token" }).click();
      await page.getByText("Renewed so far: 2.").waitFor({ timeout: 60_000 });
      expect(await page.getByRole("alert").textContent()).toBe("");
      await view(page, "Connection");
      await page.getByText("Healthy").waitFor();
    },
  );
});
