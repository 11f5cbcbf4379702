/** The application's own templates, as `bin/app.ts` makes them, without bundling. */
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { ApiStack } from "../../lib/api-stack";
import { DataStack } from "../../lib/data-stack";
import type { StageConfig } from "../../lib/stage";
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

export function synthesize(stage: StageConfig = dev): Synthesized {
  const app = new App({
    context: {
      "aws:cdk:bundling-stacks": [],
      "@aws-cdk/core:defaultCrossStackReferences": "strong",
    },
  });
  const data = new DataStack(app, "Data", {});
  const api: Stack = new ApiStack(app, "Api", { stage, data });
  return { data: Template.fromStack(data), api: Template.fromStack(api) };
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
