import * as v from "valibot";
import type { FunctionSpec } from "../runtime/function-spec";
import type { Assembly, Resource } from "./assembly";
import { physicalName, type Resolver } from "./resolver";

const FunctionProperties = v.object({
  Code: v.object({ S3Key: v.string() }),
  Handler: v.string(),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) }), {
    Variables: {},
  }),
  /** Seconds; CloudFormation's default. */
  Timeout: v.optional(v.number(), 3),
  MemorySize: v.optional(v.number(), 128),
  ReservedConcurrentExecutions: v.optional(v.number()),
});

const RELEVANT = Object.keys(FunctionProperties.entries);

export function readFunction(
  assembly: Assembly,
  resource: Resource,
  resolver: Resolver,
): FunctionSpec {
  const { stack, logicalId, properties } = resource;
  const relevant = Object.entries(properties).filter(([name]) => RELEVANT.includes(name));
  const parsed = v.parse(FunctionProperties, resolver.resolve(stack, Object.fromEntries(relevant)));
  const name = physicalName(resource, "FunctionName");
  const codeFolder = assembly.assets.get(parsed.Code.S3Key.replace(/\.zip$/, ""));
  if (codeFolder === undefined) {
    throw new Error(`the assembly has no bundle for the function ${logicalId}`);
  }
  return {
    name,
    label: shortName(logicalId),
    arn: String(resolver.resolve(stack, { "Fn::GetAtt": [logicalId, "Arn"] })),
    codeFolder,
    handler: parsed.Handler,
    environment: parsed.Environment.Variables,
    timeoutMs: parsed.Timeout * 1000,
    memoryMb: parsed.MemorySize,
    ...(parsed.ReservedConcurrentExecutions !== undefined && {
      reservedConcurrency: parsed.ReservedConcurrentExecutions,
    }),
  };
}

/** The construct's own name: CDK ends logical ids with eight hexadecimal digits. */
function shortName(logicalId: string): string {
  return logicalId.replace(/(?:Function)?[0-9A-F]{8}$/, "");
}
