/** `npm run docs:providers` */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../support/imports";
import { providersPage } from "./providers-page";

writeFileSync(join(ROOT, "docs", "providers.md"), providersPage());
