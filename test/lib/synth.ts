/** The application's own templates, as `bin/app.ts` makes them, without bundling. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { ApiStack } from "../../lib/api-stack";
import { DataStack } from "../../lib/data-stack";
import { assertStage, type Stage } from "../../lib/stage";
import { dev } from "../../lib/stages/dev";

export interface Synthesized {
  readonly data: Template;
  readonly api: Template;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** `dev` as its owner leaves it. */
export const STAGE: Stage = assertStage({ ...dev, idp: { ...dev.idp, clientId: "5f0c1a" } });

/** `STAGE` with another provider. */
export function stageWith(idp: Partial<Stage["idp"]>): Stage {
  return { ...STAGE, idp: { ...STAGE.idp, ...idp } };
}

/**
 * @param apiStackName what the key's policy is told
 * @param references another strength than cdk.json's
 */
export function synthesize(
  stage: Stage = STAGE,
  apiStackName = "Api",
  references?: "strong" | "both",
): Synthesized {
  const app = new App({
    context: {
      ...cdkContext(),
      "aws:cdk:bundling-stacks": [],
      ...(references && { "@aws-cdk/core:defaultCrossStackReferences": references }),
    },
  });
  const data = new DataStack(app, "Data", { stage, apiStackName });
  const api: Stack = new ApiStack(app, "Api", { stage, data });
  return { data: Template.fromStack(data), api: Template.fromStack(api) };
}

/** The feature flags that a synthesis has. */
export function cdkContext(): Record<string, unknown> {
  const cdkJson = readFileSync(join(__dirname, "../../cdk.json"), "utf8");
  return (JSON.parse(cdkJson) as { context: Record<string, unknown> }).context;
}

export function resourcesOf(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.findResources(type) as Record<string, Resource>);
}

export function onlyResource(template: Template, type: string): Resource {
  const found = resourcesOf(template, type);
  const [first] = found;
  if (first === undefined || found.length !== 1) {
    throw new Error(`expected one ${type}, found ${String(found.length)}`);
  }
  return first[1];
}
