import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../support/imports";
import { providersPage } from "./providers-page";

/** The formatter wraps lines and widens tables, and changes nothing else. */
const words = (text: string) => text.replaceAll(/-{3,}/g, "---").split(/\s+/);

test("docs/providers.md says what presets and runs say (npm run docs:providers)", () => {
  const page = readFileSync(join(ROOT, "docs", "providers.md"), "utf8");
  expect(words(page)).toEqual(words(providersPage()));
});
