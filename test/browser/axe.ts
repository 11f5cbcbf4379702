/** What one does not see: what axe finds in a page, and whether it has to be scrolled sideways. */
import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/**
 * Run from outside, so that the page's own policy stays as it is.
 * @param without rules that cannot judge here
 */
export async function violations(
  page: Page,
  without: readonly string[] = [],
): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const run = `axe.run({ rules: ${JSON.stringify(rules)} })`;
  const { violations: found } = await page.evaluate<AxeResults>(run);
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 150)}`));
}

/** @returns pixels that the page is wider than the window, or a dialog's content than the dialog */
export async function sideways(page: Page): Promise<number> {
  return await page.evaluate(() => {
    const boxes = [document.documentElement, ...document.querySelectorAll("dialog[open]")];
    return Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
  });
}
