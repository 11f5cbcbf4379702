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

/** A copy whose API stack cannot be deployed: the code of one function is nowhere. */
export function breakAssembly(assembly: string, broken: string): void {
  cpSync(assembly, broken, { recursive: true });
  const { Resources: resources, ...rest } = templateOf(assembly, API_STACK);
  const changed = Object.entries(resources).map(([id, resource]) => {
    const isHit = resource.Type === "AWS::Lambda::Function" && id.startsWith("Health");
    const code = { ...(resource.Properties["Code"] as object), S3Key: "no-such-code.zip" };
    const properties = { ...resource.Properties, Code: code };
    return [id, isHit ? { ...resource, Properties: properties } : resource];
  });
  const template = { ...rest, Resources: Object.fromEntries(changed) as object };
  replaceTemplate(broken, API_STACK, template);
}

/** Resources that the engine does not have: all of a type, or those with one property. */
export interface Missing {
  readonly type: string;
  readonly property?: string;
}

/**
 * Takes them out of the API stack. What refers to one gets its logical id instead.
 * @returns those of the list that were there
 */
export function removeMissing(assembly: string, missing: readonly Missing[]): readonly Missing[] {
  const { Resources: resources, ...rest } = templateOf(assembly, API_STACK);
  const isOf = ({ type, property }: Missing, { Type, Properties }: Resource) =>
    type === Type && (property === undefined || property in Properties);
  const entries = Object.entries(resources);
  const isGone = ([, resource]: [string, Resource]) => missing.some((one) => isOf(one, resource));
  const gone = new Set(entries.filter(isGone).map(([id]) => id));
  const kept = Object.fromEntries(entries.filter(([id]) => !gone.has(id)));
  const text = JSON.stringify({ ...rest, Resources: kept }, (_, value: unknown) => {
    const reference = (value ?? {}) as { Ref?: string; "Fn::GetAtt"?: readonly string[] };
    const id = reference.Ref ?? reference["Fn::GetAtt"]?.[0];
    return id !== undefined && gone.has(id) ? id : value;
  });
  replaceTemplate(assembly, API_STACK, JSON.parse(text) as object);
  return missing.filter((one) => entries.some(([, resource]) => isOf(one, resource)));
}

/**
 * Names each secret of the data stack by its attribute `Id` instead of `Ref`. Both are its ARN
 * (CloudFormation Template Reference, AWS::SecretsManager::Secret, "Return values").
 */
export function nameSecretsById(assembly: string): void {
  const template = templateOf(assembly, DATA_STACK);
  const isSecret = (id: string | undefined) =>
    id !== undefined && template.Resources[id]?.Type === "AWS::SecretsManager::Secret";
  const text = JSON.stringify(template, (_, value: unknown) => {
    const { Ref: id } = (value ?? {}) as { Ref?: string };
    return isSecret(id) ? { "Fn::GetAtt": [id, "Id"] } : value;
  });
  replaceTemplate(assembly, DATA_STACK, JSON.parse(text) as object);
}

/** Templates are uploaded under their hash, so that changes, too. */
function replaceTemplate(assembly: string, stack: string, template: object): void {
  const path = `${stack}.template.json`;
  const text = JSON.stringify(template);
  writeFileSync(join(assembly, path), text);
  const assets = join(assembly, `${stack}.assets.json`);
  const { files } = JSON.parse(readFileSync(assets, "utf8")) as {
    readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
  };
  const [hash = ""] = Object.entries(files).find(([, { source }]) => source.path === path) ?? [];
  const other = createHash("sha256").update(text).digest("hex");
  for (const file of [assets, join(assembly, "manifest.json")]) {
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(hash, other));
  }
}
