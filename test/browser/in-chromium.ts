import { existsSync } from "node:fs";
import { CHROMIUM } from "./chromium";

/** Without a browser nothing of this can be shown, and the run says so where nobody can miss it. */
export const inChromium: jest.Describe = existsSync(CHROMIUM) ? describe : skippedLoudly();

function skippedLoudly(): jest.Describe {
  process.stderr.write(
    `\n!!! BROWSER TESTS SKIPPED: there is no ${CHROMIUM} (apt-get install chromium, or set CHROMIUM)\n\n`,
  );
  return describe.skip;
}
