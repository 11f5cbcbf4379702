/** `npm run screenshots`: every view, light and dark, into docs/images/ (or another folder). */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type PageWorld, startPageWorld } from "./page-world";
import { throughAllViews } from "./views";

const FOLDER = process.argv[2] ?? join(__dirname, "..", "..", "docs", "images");
const SIZE = { width: 1290, height: 740 };
/** Of the README's first picture: with the diagram below the view. */
const [FIRST, FIRST_HEIGHT] = ["access-token", 1180];

async function main(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const world = await startPageWorld();
  try {
    await shootAll(world, "light", "Ada Lovelace");
    await shootAll(world, "dark", "Grace Hopper");
  } finally {
    await world.close();
  }
}

async function shootAll(world: PageWorld, colorScheme: "light" | "dark", name: string) {
  const looks = { colorScheme, viewport: SIZE, reducedMotion: "reduce" } as const;
  // As it calls itself with a window: it is shown among the sessions.
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${world.browser.version()} Safari/537.36`;
  const { page } = await world.open({ ...looks, userAgent });
  await throughAllViews(world, page, name, async (view) => {
    await page.mouse.move(0, 0);
    const height = view === FIRST ? FIRST_HEIGHT : SIZE.height;
    await page.setViewportSize({ ...SIZE, height });
    await page.evaluate(() => {
      scrollTo(0, 0);
    });
    await page.screenshot({ path: join(FOLDER, `${view}-${colorScheme}.png`) });
    process.stdout.write(`${view}-${colorScheme}.png\n`);
  });
  await page.context().close();
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
