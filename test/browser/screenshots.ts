/** `npm run screenshots`: every view, light and dark, into docs/images/ (or another folder). */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import {
  type Known,
  openScreen,
  OPERATOR_VIEWS,
  playOutage,
  populate,
  PROD,
  throughOperations,
  throughScreen,
} from "./operator-views";
import { type PageWorld, startPageWorld } from "./page-world";
import { throughAllViews } from "./views";

const FOLDER = process.argv[2] ?? join(__dirname, "..", "..", "docs", "images");
const SIZE = { width: 1290, height: 690 };
/** The README's first picture ends where the diagram below the view does. */
const FIRST = "access-token";
const MARGIN = 7;

async function main(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  let ahead = 0;
  const world = await startPageWorld({ now: () => Date.now() + ahead });
  try {
    await shootAll(world, "light", "Ada Lovelace");
    await shootAll(world, "dark", "Grace Hopper");
    const [known] = await populate(world, "");
    await playOutage(world, (ms) => {
      ahead += ms;
    });
    await shootOperator(world, "light", known);
    await shootOperator(world, "dark", known);
  } finally {
    await world.close();
  }
}

type Scheme = "light" | "dark";

async function shootOperator(
  world: PageWorld,
  colorScheme: Scheme,
  known: Known | undefined,
): Promise<void> {
  const looks = { colorScheme, viewport: SIZE, reducedMotion: "reduce" } as const;
  const { page } = await world.open(looks);
  await throughOperations(world, page, async (view) => {
    await shoot(page, view, colorScheme);
  });
  await page.context().close();
  const tab = await openScreen(world, looks, PROD);
  await throughScreen(tab.page, known ?? { name: "", sub: "" }, async (view) => {
    if (OPERATOR_VIEWS.includes(view)) {
      await shoot(tab.page, view, colorScheme);
    }
  });
  await tab.close();
}

async function shoot(page: Page, view: string, colorScheme: Scheme): Promise<void> {
  const name = `${view}-${colorScheme}.png`;
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    scrollTo(0, 0);
  });
  const diagram = view === FIRST ? await page.locator(".chart").boundingBox() : null;
  const path = join(FOLDER, name);
  if (diagram === null) {
    await page.screenshot({ path });
  } else {
    const height = Math.round(diagram.y + diagram.height) + MARGIN;
    await page.screenshot({
      path,
      fullPage: true,
      clip: { x: 0, y: 0, width: SIZE.width, height },
    });
  }
  process.stdout.write(`${name}\n`);
}

async function shootAll(world: PageWorld, colorScheme: Scheme, name: string): Promise<void> {
  const looks = { colorScheme, viewport: SIZE, reducedMotion: "reduce" } as const;
  // As it calls itself with a window: it is shown among the sessions.
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${world.browser.version()} Safari/537.36`;
  const { page } = await world.open({ ...looks, userAgent });
  await throughAllViews(world, page, name, async (view) => {
    await shoot(page, view, colorScheme);
  });
  await page.context().close();
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
