/**
 * DynamoDB behind the front door: says which tables, partition keys and attributes a call touches,
 * then hands it on.
 */
import { type CallSubject, localArn } from "./call";
import { attributesOf } from "./dynamodb-attributes";
import type { Forward } from "./forward";
import { type Input, inputIn, listIn, member, type Service } from "./json-protocol";

type PartitionKeys = ReadonlyMap<string, string>;

/** Names no single resource, so that only `Resource: "*"` permits the call. */
const UNKNOWN = { resource: undefined, context: {}, contextLists: {} };
/** Of a transaction's items: what each needs permission for. */
const IN_TRANSACTION: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};

/** @param partitionKeys table name → name of its partition key, as far as known */
export function createDynamoDbService(forward: Forward, partitionKeys: PartitionKeys): Service {
  return {
    name: "dynamodb",
    target: "DynamoDB_20120810",
    json: "1.0",
    describe: (action, input) => {
      const [first, ...others] = subjectsOf(action, input, partitionKeys);
      return [first ?? { ...UNKNOWN, action }, ...others];
    },
    handle: forward,
  };
}

function subjectsOf(action: string, input: Input, keys: PartitionKeys): CallSubject[] {
  switch (action) {
    case "BatchGetItem":
    case "BatchWriteItem":
      return batchOf(action, input, keys);
    case "TransactGetItems":
    case "TransactWriteItems":
      return transactionOf(input, keys);
    default:
      return [subjectOf(action, [input], keys)];
  }
}

/** One permission for each table. */
function batchOf(action: string, input: Input, keys: PartitionKeys): CallSubject[] {
  return Object.entries(inputIn(input["RequestItems"])).map(([TableName, request]) => {
    // Writes are a list of requests; reads one request with a list of keys.
    const parts = Array.isArray(request)
      ? request.flatMap((write) => [member(write, "PutRequest"), member(write, "DeleteRequest")])
      : listIn(member(request, "Keys")).map((Key) => ({ ...inputIn(request), Key }));
    return subjectOf(
      action,
      parts.filter(isPresent).map((part) => ({ ...inputIn(part), TableName })),
      keys,
    );
  });
}

/**
 * One permission for each item, that of the single call (DynamoDB Developer Guide, "Using IAM with
 * DynamoDB transactions").
 */
function transactionOf(input: Input, keys: PartitionKeys): CallSubject[] {
  return listIn(input["TransactItems"]).flatMap((item) =>
    Object.entries(inputIn(item)).map(([kind, part]) =>
      subjectOf(IN_TRANSACTION[kind] ?? kind, [inputIn(part)], keys),
    ),
  );
}

/** @param parts of one table */
function subjectOf(action: string, parts: readonly Input[], keys: PartitionKeys): CallSubject {
  const [{ TableName: table, IndexName: index } = {}] = parts;
  if (typeof table !== "string") {
    return { ...UNKNOWN, action };
  }
  const arn = table.startsWith("arn:") ? table : localArn("dynamodb", `table/${table}`);
  const partitionKey = keys.get(table.split("/").at(-1) ?? "");
  const leading = parts.map((part) => leadingKey(part, partitionKey)).filter(isPresent);
  const attributes = [...new Set(parts.flatMap(attributesOf))];
  return {
    action,
    resource: typeof index === "string" ? `${arn}/index/${index}` : arn,
    context: {},
    contextLists: {
      ...(leading.length > 0 && { "dynamodb:LeadingKeys": leading }),
      ...(attributes.length > 0 && { "dynamodb:Attributes": attributes }),
    },
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

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
