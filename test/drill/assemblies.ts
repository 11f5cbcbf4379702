/** Cloud assemblies of the drill: what `cdk deploy` would synthesize for its stage. */
import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export const DATA_STACK = "RollupVault-local-Data";
export const API_STACK = "RollupVault-local-Api";

export function templateOf(assembly: string, stack: string): Template {
  return JSON.parse(readFileSync(join(assembly, `${stack}.template.json`), "utf8")) as Template;
}

/**
 * A copy whose API stack cannot be deployed: the code of one function is nowhere. Templates are
 * uploaded under their hash, so that has to change, too.
 */
export function breakAssembly(assembly: string, broken: string): void {
  cpSync(assembly, broken, { recursive: true });
  const { Resources: resources, ...rest } = templateOf(assembly, API_STACK);
  const changed = Object.entries(resources).map(([id, resource]) => {
    const isHit = resource.Type === "AWS::Lambda::Function" && id.startsWith("Health");
    const code = { ...(resource.Properties["Code"] as object), S3Key: "no-such-code.zip" };
    const properties = { ...resource.Properties, Code: code };
    return [id, isHit ? { ...resource, Properties: properties } : resource];
  });
  const text = JSON.stringify({ ...rest, Resources: Object.fromEntries(changed) as object });
  const path = `${API_STACK}.template.json`;
  writeFileSync(join(broken, path), text);
  const assets = join(broken, `${API_STACK}.assets.json`);
  const { files } = JSON.parse(readFileSync(assets, "utf8")) as {
    readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
  };
  const [hash = ""] = Object.entries(files).find(([, { source }]) => source.path === path) ?? [];
  const other = createHash("sha256").update(text).digest("hex");
  for (const file of [assets, join(broken, "manifest.json")]) {
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(hash, other));
  }
}
