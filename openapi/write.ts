/** `npm run openapi`: writes the document as people read it and as the API serves it. Both are committed; a test says when they are not up to date. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contractFiles } from "./files";

const ROOT = join(__dirname, "..");

async function main(): Promise<void> {
  for (const [path, text] of Object.entries(await contractFiles())) {
    await writeFile(join(ROOT, path), text);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
