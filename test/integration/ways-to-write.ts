/** What an attacker would try: every call that could write, in every form that DynamoDB takes. */
import type { Input } from "@rollup-vault/local-aws/aws/call";

export type Attempt = readonly [action: string, input: Input];

/** Every way to write these into an item, and the ways to put or take it as a whole. */
export function waysToWrite(
  TableName: string,
  Key: Record<string, Input>,
  values: Readonly<Record<string, Input>>,
): Attempt[] {
  const names = Object.keys(values);
  const ExpressionAttributeNames = Object.fromEntries(names.map((name) => [`#${name}`, name]));
  const set = {
    TableName,
    Key,
    ExpressionAttributeNames,
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`:${name}`, value]),
    ),
  };
  const remove = {
    TableName,
    Key,
    ExpressionAttributeNames,
    UpdateExpression: `REMOVE ${names.map((name) => `#${name}`).join(", ")}`,
  };
  const legacy = {
    TableName,
    Key,
    AttributeUpdates: Object.fromEntries(names.map((name) => [name, { Action: "DELETE" }])),
  };
  const Item = { ...Key, ...values };
  return [
    ["UpdateItem", set],
    ["UpdateItem", remove],
    ["UpdateItem", legacy],
    ["PutItem", { TableName, Item }],
    ["BatchWriteItem", { RequestItems: { [TableName]: [{ PutRequest: { Item } }] } }],
    ["TransactWriteItems", { TransactItems: [{ Update: set }] }],
    ["TransactWriteItems", { TransactItems: [{ Put: { TableName, Item } }] }],
  ];
}

export function waysToDelete(TableName: string, Key: Record<string, Input>): Attempt[] {
  return [
    ["DeleteItem", { TableName, Key }],
    ["BatchWriteItem", { RequestItems: { [TableName]: [{ DeleteRequest: { Key } }] } }],
    ["TransactWriteItems", { TransactItems: [{ Delete: { TableName, Key } }] }],
  ];
}
