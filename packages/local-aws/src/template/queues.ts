/** The queues of the templates. */
import * as v from "valibot";
import type { QueueDefinition } from "../aws/queue-admin";
import { textOf } from "../cloudwatch/template-text";
import type { Assembly, Resource } from "./assembly";
import { expect } from "./expect";
import { queueName, type Resolver } from "./resolver";

/**
 * What SQS takes as attributes; strict, so that what is not served is refused and never passed
 * over.
 */
const Properties = v.strictObject({
  QueueName: v.optional(v.string()),
  FifoQueue: v.optional(v.boolean()),
  ContentBasedDeduplication: v.optional(v.boolean()),
  DeduplicationScope: v.optional(v.string()),
  FifoThroughputLimit: v.optional(v.string()),
  DelaySeconds: v.optional(v.number()),
  VisibilityTimeout: v.optional(v.number()),
  MessageRetentionPeriod: v.optional(v.number()),
  ReceiveMessageWaitTimeSeconds: v.optional(v.number()),
  MaximumMessageSize: v.optional(v.number()),
  RedrivePolicy: v.optional(v.record(v.string(), v.unknown())),
  RedriveAllowPolicy: v.optional(v.record(v.string(), v.unknown())),
  SqsManagedSseEnabled: v.optional(v.boolean()),
  KmsMasterKeyId: v.optional(v.string()),
  KmsDataKeyReusePeriodSeconds: v.optional(v.number()),
  Tags: v.optional(v.unknown()),
});

/** Encryption at rest has no local meaning, and the key may belong to AWS. */
const LEFT_OUT = [
  "QueueName",
  "Tags",
  "SqsManagedSseEnabled",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
];

export function findQueues(assembly: Assembly): readonly Resource[] {
  return assembly.resources.filter(({ type }) => type === "AWS::SQS::Queue");
}

/** Dead letter queues come before those that use them. */
export function inOrder(queues: readonly Resource[]): readonly Resource[] {
  const isSource = ({ properties }: Resource): boolean => "RedrivePolicy" in properties;
  return [...queues.filter((one) => !isSource(one)), ...queues.filter(isSource)];
}

export function readQueue(resource: Resource, resolver: Resolver): QueueDefinition {
  const { stack, logicalId, properties } = resource;
  const wanted = expect(Properties, resolver.resolve(stack, properties), logicalId);
  const attributes = Object.entries(wanted)
    .filter(([name]) => !LEFT_OUT.includes(name))
    .map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
  return {
    name: queueName(resource),
    attributes: Object.fromEntries(attributes),
  };
}

/** How templates write the name of each queue, by that name: the queue itself, or an output. */
export function writtenNames(assembly: Assembly): ReadonlyMap<string, readonly string[]> {
  return new Map(
    findQueues(assembly).map((queue): [string, readonly string[]] => {
      const own = textOf({ "Fn::GetAtt": [queue.logicalId, "QueueName"] });
      const outputs = assembly.outputs.filter(
        ({ stack, value }) => stack === queue.stack && textOf(value) === own,
      );
      const exports = outputs.map(({ exportName }) => exportName).filter((name) => name != null);
      return [queueName(queue), [own, ...outputs.map(({ name }) => name), ...exports.map(textOf)]];
    }),
  );
}

/** @throws Error where no queue of the template has the ARN */
export function queueSettings(
  assembly: Assembly,
  resolver: Resolver,
  arn: string,
): { readonly url: string; readonly visibilityTimeout: number } {
  const resource = findQueues(assembly).find(
    ({ stack, logicalId }) => resolver.resolve(stack, { "Fn::GetAtt": [logicalId, "Arn"] }) === arn,
  );
  if (resource === undefined) {
    throw new Error(`the local run knows no event source ${arn}: queues of the template alone`);
  }
  const { stack, logicalId, properties } = resource;
  return {
    url: String(resolver.resolve(stack, { Ref: logicalId })),
    visibilityTimeout: Number(properties["VisibilityTimeout"] ?? 30),
  };
}
