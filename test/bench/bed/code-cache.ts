/** Our functions as a stage deploys them that names its Node (decision 0056). */
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { addCodeCaches } from "../../../lib/code-cache";
import type { Nodes } from "../nodes";
import type { Deployed } from "./bed";

/** The same, with a cache for this Node beside the bundle. @param parent folder for its folder */
export async function withCodeCache(
  deployed: Deployed,
  { path, version }: Nodes[keyof Nodes],
  parent: string,
): Promise<Deployed> {
  const root = mkdtempSync(join(parent, "code-cache-"));
  const folder = join(root, deployed.label);
  cpSync(deployed.folder, folder, { recursive: true });
  await addCodeCaches([folder], { path, flags: [], name: version }, root);
  return { ...deployed, folder };
}
