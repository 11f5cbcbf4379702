/** Queues that invoke functions, taken from the templates: `AWS::Lambda::EventSourceMapping`. */
import * as v from "valibot";
import type { Assembly } from "./assembly";
import { expect } from "./expect";
import { functionCalled } from "./function-called";
import { queueSettings } from "./queues";
import { type Resolver, resourceKey } from "./resolver";

export interface EventSource {
  /** `stack/logicalId` of the function. */
  readonly functionId: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** Messages per event at most. */
  readonly batchSize: number;
  /** Whether the function names what failed of a batch. */
  readonly reportsFailures: boolean;
  /** Events at once at most. */
  readonly maximumConcurrency: number | undefined;
}

/** Batches above ten take a window in which they are gathered, and that is not done here. */
const Mapping = v.strictObject({
  EventSourceArn: v.string(),
  FunctionName: v.string(),
  BatchSize: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(10)), 10),
  Enabled: v.optional(v.boolean(), true),
  FunctionResponseTypes: v.optional(v.array(v.literal("ReportBatchItemFailures")), []),
  MaximumBatchingWindowInSeconds: v.optional(v.literal(0)),
  ScalingConfig: v.optional(
    v.strictObject({ MaximumConcurrency: v.optional(v.pipe(v.number(), v.minValue(2))) }),
    {},
  ),
  Tags: v.optional(v.unknown()),
});

/**
 * @throws Error where a mapping asks for more than the local run does, or for what AWS would refuse
 */
export function readEventSources(assembly: Assembly, resolver: Resolver): EventSource[] {
  const mappings = assembly.resources.filter(
    ({ type }) => type === "AWS::Lambda::EventSourceMapping",
  );
  return mappings.flatMap(({ stack, logicalId, properties }) => {
    const mapping = expect(Mapping, resolver.resolve(stack, properties), logicalId);
    if (!mapping.Enabled) {
      return [];
    }
    const called = functionCalled(assembly, mapping.FunctionName);
    const { url, visibilityTimeout } = queueSettings(assembly, resolver, mapping.EventSourceArn);
    const timeout = Number(called.properties["Timeout"] ?? 3);
    if (visibilityTimeout < timeout) {
      throw new Error(
        `AWS would refuse ${logicalId}: the queue's visibility timeout of ${visibilityTimeout} s is less than the function's of ${timeout} s`,
      );
    }
    return {
      functionId: resourceKey(called),
      queueUrl: url,
      queueArn: mapping.EventSourceArn,
      batchSize: mapping.BatchSize,
      reportsFailures: mapping.FunctionResponseTypes.length > 0,
      maximumConcurrency: mapping.ScalingConfig.MaximumConcurrency,
    };
  });
}
