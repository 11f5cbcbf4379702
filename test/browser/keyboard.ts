/** A person without a mouse: Tab until the thing has the focus, then use it. */
import type { Page } from "playwright-core";

const MAX_TABS = 60;

interface Focused {
  readonly name: string;
  /** Whether one can see that it has the focus. */
  readonly visible: boolean;
}

/** Name and outline of what has the focus. */
async function focused(page: Page): Promise<Focused> {
  return await page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (element === null || element === document.body) {
      return { name: "", visible: true };
    }
    const label = element.id === "" ? null : document.querySelector(`label[for="${element.id}"]`);
    const name = element.getAttribute("aria-label") ?? label?.textContent ?? element.textContent;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return { name: name.trim(), visible: outlineStyle !== "none" && outlineWidth !== "0px" };
  });
}

/**
 * @throws Error where it cannot be reached, or where something on the way has the focus and does
 *   not show it
 */
export async function tabTo(page: Page, wanted: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
    await page.keyboard.press("Tab");
    const { name, visible } = await focused(page);
    if (!visible) {
      throw new Error(`"${name}" has the focus and does not show it`);
    }
    if (typeof wanted === "string" ? name === wanted : wanted.test(name)) {
      return;
    }
    seen.push(name);
  }
  throw new Error(`Tab never came to ${String(wanted)}; it came to ${seen.join(", ")}`);
}

export async function press(page: Page, wanted: string | RegExp): Promise<void> {
  await tabTo(page, wanted);
  await page.keyboard.press("Enter");
}

export async function type(page: Page, wanted: string | RegExp, text: string): Promise<void> {
  await tabTo(page, wanted);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}
