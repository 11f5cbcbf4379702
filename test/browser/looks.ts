/**
 * Everything that a page has to look right in: every width, light, dark and forced colours, one
 * after the other on the same view.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { sideways, violations } from "./axe";

const WIDTHS = [320, 390, 1280, 1920];
const HEIGHT = 800;
const COLOURS = {
  light: { colorScheme: "light", forcedColors: "none" },
  dark: { colorScheme: "dark", forcedColors: "none" },
  forced: { colorScheme: "dark", forcedColors: "active" },
} as const;
/** Widths at which axe judges, seconds each time: names and contrast follow no width. */
const JUDGED = { light: [390, 1280], dark: [320], forced: [1280] };

/** axe reads `-webkit-text-fill-color`, and forced colours paint text in the person's own. */
const UNJUDGED = { light: [], dark: [], forced: ["color-contrast"] };

/** A folder that keeps a picture of each, to look at: what is ugly is no fault to axe. */
const PICTURES = process.env["SCREENSHOTS"];

/** What is wrong with it, by look: what axe finds, and what has to be scrolled sideways. */
export async function faultsOf(page: Page, view: string): Promise<readonly string[]> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    for (const colours of ["light", "dark", "forced"] as const) {
      await page.emulateMedia({ ...COLOURS[colours], reducedMotion: "reduce" });
      const tooWide = await sideways(page);
      const all = [
        ...(JUDGED[colours].includes(width) ? await violations(page, UNJUDGED[colours]) : []),
        ...(tooWide > 0 ? [`${tooWide} px too wide`] : []),
      ];
      found.push(...all.map((fault) => `${view}, ${colours}, ${width} px: ${fault}`));
      await keepPicture(page, `${view}-${width}-${colours}`);
    }
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null });
  if (before !== null) {
    await page.setViewportSize(before);
  }
  return found;
}

async function keepPicture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) {
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  }
}
