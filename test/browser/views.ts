/** Every view that the page has, one after the other, as one person sees them. */
import type { Page } from "playwright-core";
import { type PageWorld, signIn } from "./page-world";

/**
 * Calls back at each view once everything in it is there. The page is signed out at the start, and
 * an access token needs Rollup ID each time.
 */
export async function throughAllViews(
  world: PageWorld,
  page: Page,
  name: string,
  seen: (view: string) => Promise<void>,
): Promise<void> {
  await world.programme({ reset: true, access_token_lifetime_seconds: 20 });
  await page.getByRole("heading", { name: "Sign in once. Stay connected." }).waitFor();
  await seen("welcome");
  await page.locator("#sign-in").click();
  await page.getByRole("heading", { name: "Sign in with Rollup ID" }).waitFor();
  await seen("rollup-id");
  await page.getByRole("button", { name: "Cancel and go back" }).click();
  await page.getByRole("alert").getByText("You did not sign in").waitFor();
  await seen("denied");
  await signIn(page, name);
  await page.locator("#attributes").fill('{\n  "theme": "quiet",\n  "newsletter": true\n}');
  await page.locator("#save").click();
  await page.getByText("Saved.").waitFor();
  await page.locator("#fresh").click();
  await page.getByText("Your profile is up to date.").waitFor();
  await settled(page);
  await page.getByRole("button", { name: "Close the notice" }).click();
  await seen("profile");
  await throughTokens(page, seen);
  await open(page, "Connection");
  await page.locator(".timeline li").first().waitFor();
  await seen("connection");
  await open(page, "Sessions");
  await page.getByText("this one").waitFor();
  await seen("sessions");
  await open(page, "Your data");
  await seen("your-data");
  await page.locator("#erase").click();
  await seen("erase");
  await page.keyboard.press("Escape");
}

async function throughTokens(page: Page, seen: (view: string) => Promise<void>): Promise<void> {
  await open(page, "Access token");
  await page.locator("#fault-down").click();
  await page.getByText("Rollup ID is down").waitFor();
  await page.locator("#get-token").click();
  await page.getByText("Not available right now").waitFor();
  await settled(page);
  await seen("provider-down");
  await page.locator("#faults-reset").click();
  await page.getByText("Rollup ID works as usual.").waitFor();
  await page.locator("[data-clock]").waitFor({ timeout: 60_000 });
  await page.locator("#call-userinfo").click();
  await page.getByText("Rollup ID has answered.").waitFor();
  await settled(page);
  await page.getByRole("button", { name: "Close the notice" }).click();
  await seen("access-token");
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await settled(page);
}

async function settled(page: Page): Promise<void> {
  await page.locator('main[aria-busy="false"]').waitFor();
  await page.waitForLoadState("networkidle");
}
