/** `npm run screenshots`: every view, light and dark, into docs/images/. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { signIn, startPageWorld, type PageWorld } from "./page-world";

const FOLDER = process.argv[2] ?? join(__dirname, "..", "..", "docs", "images");
const SIZE = { width: 1360, height: 860 };

type Scheme = "light" | "dark";
type Shoot = (name: string) => Promise<void>;

async function main(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const world = await startPageWorld();
  try {
    for (const scheme of ["light", "dark"] as const) {
      await shootAll(world, scheme);
    }
  } finally {
    await world.close();
  }
}

async function shootAll(world: PageWorld, colorScheme: Scheme): Promise<void> {
  const { page } = await world.open({ colorScheme, viewport: SIZE, reducedMotion: "reduce" });
  const shoot: Shoot = async (name) => {
    await page.evaluate("scrollTo(0, 0)");
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}.png`) });
    process.stdout.write(`${name}-${colorScheme}.png\n`);
  };
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot("welcome");
  await page.getByRole("button", { name: "Sign in with Rollup ID" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot("rollup-id");
  await page.goBack();
  await signIn(page, colorScheme === "light" ? "Ada Lovelace" : "Grace Hopper");
  await settled(page);
  await shootViews(page, shoot);
  await shootOutage(page, shoot);
  await world.programme({ reset: true });
  await page.context().close();
}

async function shootViews(page: Page, shoot: Shoot): Promise<void> {
  await page.locator("#attributes").fill('{\n  "theme": "quiet",\n  "newsletter": true\n}');
  await page.locator("#save").click();
  await settled(page);
  await page.locator("#fresh").click();
  await settled(page);
  await shoot("profile");
  await view(page, "Access token");
  await page.locator("#get-token").click();
  await settled(page);
  await page.locator("#call-userinfo").click();
  await settled(page);
  await shoot("access-token");
  await view(page, "Sessions");
  await shoot("sessions");
  await view(page, "Your data");
  await shoot("your-data");
}

/** With tokens that never last as long as the page wants, every call needs Rollup ID. */
async function shootOutage(page: Page, shoot: Shoot): Promise<void> {
  await page.locator("#lifetime").selectOption("20");
  await view(page, "Sessions");
  await page.locator("#sign-out-here").click();
  await signIn(page, "Alan Turing");
  await view(page, "Access token");
  await page.locator("#fault-down").click();
  await page.getByText("Rollup ID is down").waitFor();
  await page.locator("#get-token").click();
  await page.getByRole("alert").getByText("Not available").waitFor();
  await settled(page);
  await shoot("provider-down");
  await page.locator("#faults-reset").click();
  await page.locator("#try-again").click();
  await page.locator("[data-clock]").waitFor();
  await view(page, "Connection");
  await shoot("connection");
}

async function view(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await settled(page);
}

async function settled(page: Page): Promise<void> {
  await page.locator('main[aria-busy="false"]').waitFor();
  await page.waitForLoadState("networkidle");
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
