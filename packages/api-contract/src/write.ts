/**
 * `npm run openapi`: writes the document as people read it and as the API serves it. Both are
 * committed; a test says when they are not up to date.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { contractFiles } from "./files";

for (const [path, text] of Object.entries(contractFiles())) {
  writeFileSync(join(__dirname, "../../..", path), text);
}
