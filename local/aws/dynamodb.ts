/** DynamoDB behind the front door: says which table and which partition keys a call touches, then hands it on. */
import { localArn, type CallSubject } from "./call";
import type { Forward } from "./forward";
import type { Input, Service } from "./wire";

/** @param partitionKeys table name → name of its partition key, as far as known */
export function createDynamoDbService(
  forward: Forward,
  partitionKeys: ReadonlyMap<string, string>,
): Service {
  return {
    name: "dynamodb",
    target: "DynamoDB_20120810",
    json: "1.0",
    describe: (action, input) => [
      action === "BatchGetItem"
        ? describeBatch(input, partitionKeys)
        : describeCall(action, input, partitionKeys),
    ],
    handle: forward,
  };
}

/** Of one table; a batch over several names no single resource, and nobody may do it here. */
function describeBatch(input: Input, partitionKeys: ReadonlyMap<string, string>): CallSubject {
  const [[TableName, request] = [], ...others] = Object.entries(
    (input["RequestItems"] ?? {}) as Record<string, unknown>,
  );
  if (others.length > 0) {
    return describeCall("BatchGetItem", {}, partitionKeys);
  }
  const keys = (member(request, "Keys") ?? []) as unknown[];
  const leading = keys.flatMap((Key) => {
    const { contextLists } = describeCall("BatchGetItem", { TableName, Key }, partitionKeys);
    return contextLists["dynamodb:LeadingKeys"] ?? [];
  });
  const subject = describeCall("BatchGetItem", { TableName }, partitionKeys);
  return leading.length === 0
    ? subject
    : { ...subject, contextLists: { "dynamodb:LeadingKeys": leading } };
}

/** Other calls over several tables (transactions) name no single resource. */
function describeCall(
  action: string,
  input: Input,
  partitionKeys: ReadonlyMap<string, string>,
): CallSubject {
  const { TableName: table, IndexName: index } = input;
  if (typeof table !== "string") {
    return { action, resource: undefined, context: {}, contextLists: {} };
  }
  const arn = table.startsWith("arn:") ? table : localArn("dynamodb", `table/${table}`);
  const leading = leadingKey(input, partitionKeys.get(table.split("/").at(-1) ?? ""));
  return {
    action,
    resource: typeof index === "string" ? `${arn}/index/${index}` : arn,
    context: {},
    contextLists: leading === undefined ? {} : { "dynamodb:LeadingKeys": [leading] },
  };
}

function leadingKey(input: Input, partitionKey: string | undefined): string | undefined {
  if (partitionKey === undefined) {
    return undefined;
  }
  const key = member(input["Key"] ?? input["Item"], partitionKey) ?? queried(input, partitionKey);
  const value = ["S", "N", "B"].map((type) => member(key, type)).find((found) => found != null);
  return typeof value === "string" ? value : undefined;
}

/** The value that a Query compares the partition key with: `#pk = :pk` or `pk = :pk`. */
function queried(input: Input, partitionKey: string): unknown {
  const expression = input["KeyConditionExpression"];
  if (typeof expression !== "string") {
    return undefined;
  }
  for (const [, name = "", value = ""] of expression.matchAll(/(#?[\w.-]+)\s*=\s*(:\w+)/g)) {
    if ((member(input["ExpressionAttributeNames"], name) ?? name) === partitionKey) {
      return member(input["ExpressionAttributeValues"], value);
    }
  }
  return undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Input)[name]
    : undefined;
}
