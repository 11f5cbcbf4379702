/**
 * Reads a synthesized cloud assembly (`cdk.out`): the stacks' templates and where the bundles of
 * their functions lie.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";

const Properties = v.record(v.string(), v.unknown());

const Template = v.object({
  Resources: v.record(
    v.string(),
    v.object({ Type: v.string(), Properties: v.optional(Properties, {}) }),
  ),
  Outputs: v.optional(
    v.record(
      v.string(),
      v.object({ Value: v.unknown(), Export: v.optional(v.object({ Name: v.unknown() })) }),
    ),
    {},
  ),
});

const Manifest = v.object({
  artifacts: v.record(
    v.string(),
    v.object({
      type: v.string(),
      properties: v.optional(
        v.object({
          templateFile: v.optional(v.string()),
          stackName: v.optional(v.string()),
          file: v.optional(v.string()),
        }),
        {},
      ),
    }),
  ),
});

const AssetManifest = v.object({
  files: v.record(v.string(), v.object({ source: v.object({ path: v.optional(v.string()) }) })),
});

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface StackOutput {
  readonly stack: string;
  readonly name: string;
  readonly value: unknown;
  readonly exportName: unknown;
}

export interface Assembly {
  readonly folder: string;
  readonly resources: readonly Resource[];
  readonly outputs: readonly StackOutput[];
  /** Absolute folder of a file asset, by its hash. */
  readonly assets: ReadonlyMap<string, string>;
}

/** @throws Error naming the file that is missing or has another shape than CDK's */
export async function readAssembly(folder: string): Promise<Assembly> {
  const manifest = await readJson(join(folder, "manifest.json"), Manifest);
  const resources: Resource[] = [];
  const outputs: StackOutput[] = [];
  const assets = new Map<string, string>();
  for (const [id, { type, properties }] of Object.entries(manifest.artifacts)) {
    if (type === "aws:cloudformation:stack" && properties.templateFile !== undefined) {
      const template = await readJson(join(folder, properties.templateFile), Template);
      const stack = properties.stackName ?? id;
      resources.push(...resourcesOf(stack, template));
      outputs.push(...outputsOf(stack, template));
    }
    if (type === "cdk:asset-manifest" && properties.file !== undefined) {
      const { files } = await readJson(join(folder, properties.file), AssetManifest);
      for (const [hash, { source }] of Object.entries(files)) {
        assets.set(hash, join(folder, source.path ?? ""));
      }
    }
  }
  return { folder, resources, outputs, assets };
}

function resourcesOf(stack: string, template: v.InferOutput<typeof Template>): Resource[] {
  return Object.entries(template.Resources).map(([logicalId, resource]) => ({
    stack,
    logicalId,
    type: resource.Type,
    properties: resource.Properties,
  }));
}

function outputsOf(stack: string, template: v.InferOutput<typeof Template>): StackOutput[] {
  return Object.entries(template.Outputs).map(([name, output]) => ({
    stack,
    name,
    value: output.Value,
    exportName: output.Export?.Name,
  }));
}

async function readJson<S extends v.GenericSchema>(
  file: string,
  schema: S,
): Promise<v.InferOutput<S>> {
  try {
    return v.parse(schema, JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    throw new Error(`cannot read ${file} as part of a cloud assembly`, { cause: error });
  }
}
