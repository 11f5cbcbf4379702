/** `npm run docs:states`: the diagram of docs/architecture.md, from the states of states.ts. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../support/imports";
import { diagram } from "./states";

const FILE = join(ROOT, "docs", "architecture.md");
const DIAGRAM = /```mermaid\nstateDiagram-v2\n[^`]*```/;

const text = readFileSync(FILE, "utf8");
if (!DIAGRAM.test(text)) {
  throw new Error("no state diagram to be replaced");
}
writeFileSync(FILE, text.replace(DIAGRAM, diagram()));
