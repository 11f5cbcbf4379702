/**
 * The panel that breaks the local Rollup ID, each of its buttons and choices, and what a person
 * sees of it.
 */
import { inChromium } from "./in-chromium";
import { said, signIn, usePageWorld, view } from "./page-world";

const world = usePageWorld();

inChromium("breaking Rollup ID", () => {
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
    await page.getByText("Break Rollup ID").click();
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
    for (const fault of ["Server error", "Web page as answer", "Half an answer"]) {
      const name = new RegExp(`^${fault}`);
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
    await page.getByRole("button", { name: "Dead Grant", exact: true }).click();
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
      await page.getByText("Break Rollup ID").click();
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

  test("back to normal keeps the lifetime that was chosen, and is for what is not normal", async () => {
    const { page } = await world.open();
    await signIn(page, "Keeper");
    const lifetime = page.getByLabel("Access tokens live for");
    await lifetime.selectOption("20 seconds");
    const reset = page.getByRole("button", { name: "Back to normal" });
    await page.getByText("Rollup ID works as usual.").waitFor();
    expect(await reset.isDisabled()).toBe(true);
    await page.locator("#fault-html").click();
    await page.getByText("The next token answer is broken.").waitFor();
    expect(await reset.isEnabled()).toBe(true);
    await reset.click();
    await page.getByText("Rollup ID works as usual.").waitFor();
    expect(await reset.isDisabled()).toBe(true);
    expect(await lifetime.inputValue()).toBe("20");
    const faults = await fetch(`${world.stack.outputs.issuer}/faults`);
    expect(await faults.json()).toMatchObject({ access_token_lifetime_seconds: 20, token: [] });
  });

  test("each fault says what it does, and one that is over is no longer shown", async () => {
    const { page } = await world.open();
    await page.locator("#sign-in").waitFor();
    expect(await page.locator("#fault-html").isVisible()).toBe(false);
    await signIn(page, "Reader");
    await page.getByText("The next token answer is HTML, as from a proxy.").waitFor();
    await view(page, "Access token");
    await page.locator("#fault-slow").click();
    await page.getByText("The next token answer is broken.").waitFor();
    await page.locator("#run-out").click();
    await page.locator("[data-clock]").waitFor();
    await page.getByText("Rollup ID works as usual.").waitFor();
    expect(await page.locator("#fault-slow").getAttribute("aria-pressed")).toBe("false");
  });

  test("let it run out now: an hour's token is renewed at once, and is expired where that fails", async () => {
    const { page } = await world.open();
    await signIn(page, "Run Out");
    await view(page, "Access token");
    await page.getByRole("button", { name: "Get an access token" }).click();
    await page.getByText("Renewed so far: 0.").waitFor();
    const first = await page.locator("#token-text").textContent();
    await page.getByRole("button", { name: "Let it run out now" }).click();
    await page.getByText("Renewed so far: 1.").waitFor();
    expect(await page.locator("#token-text").textContent()).not.toBe(first);

    await page.locator("#fault-dead-grant").click();
    await page.getByText("The next token answer is broken.").waitFor();
    // On a busy machine an answer comes too late, and the client asks again: these are broken, too.
    const body = { code: "UNAUTHORIZED", message: "invalid token", name: "RollupError" };
    await world.programme({ add_token: [{ kind: "status", status: 401, body, count: 9 }] });
    await page.getByRole("button", { name: "Let it run out now" }).click();
    await page.getByText("Expired", { exact: true }).waitFor();
    await page.getByText("It opens nothing any more, and could not be renewed.").waitFor();
    await page.getByRole("alert").getByText("Please sign in again").waitFor();
    expect(await page.getByText(/It renews by itself/).count()).toBe(0);
    expect(await page.locator("#reveal, #copy-token").count()).toBe(0);
  });
});
