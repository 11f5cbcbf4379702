import { createDynamoDbService } from "../../src/aws/dynamodb";
import { attributesOf } from "../../src/aws/dynamodb-attributes";

const ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/";

describe("the attributes that a request names", () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ["of its key", { Key: { sub: { S: "ann" } } }, ["sub"]],
    ["of its item, top-level ones only", { Item: { sub: {}, a: { M: { b: {} } } } }, ["sub", "a"]],
    [
      "that it sets",
      { UpdateExpression: "SET a = :a, b = if_not_exists(b, :zero) + :one" },
      ["a", "b"],
    ],
    [
      "that it reads to set another",
      { UpdateExpression: "SET a = list_append(b, :c) - d" },
      ["a", "b", "d"],
    ],
    ["that it removes", { UpdateExpression: "REMOVE a, b" }, ["a", "b"]],
    ["that it adds to and deletes from", { UpdateExpression: "ADD a :n DELETE b :s" }, ["a", "b"]],
    ["in any case of the keywords", { UpdateExpression: "set a = :a remove b" }, ["a", "b"]],
    [
      "of the outermost level",
      { UpdateExpression: "SET a.b[0].c = :v REMOVE d [1] . e" },
      ["a", "d"],
    ],
    [
      "behind placeholders",
      {
        UpdateExpression: "SET #a.#b = :v, #0 = :v",
        ExpressionAttributeNames: { "#a": "outer", "#b": "inner", "#0": "other" },
      },
      ["outer", "other"],
    ],
    [
      "behind a placeholder that stands for nothing: no name that a policy has",
      { UpdateExpression: "SET #a = :v" },
      ["#a"],
    ],
    [
      "behind one that only seems to be there",
      { UpdateExpression: "SET #constructor = :v", ExpressionAttributeNames: {} },
      ["#constructor"],
    ],
    [
      "that its condition looks at",
      {
        ConditionExpression:
          "attribute_not_exists(a) OR (b = :b AND NOT contains(c, :c)) AND d BETWEEN :d AND :e AND f IN (:f, g) AND size(h) > :h AND begins_with (i, :i) AND attribute_type(j, :t)",
      },
      ["a", "b", "c", "d", "f", "g", "h", "i", "j"],
    ],
    [
      "named like parts of keywords",
      { ConditionExpression: "android = :a AND settings = :b" },
      ["android", "settings"],
    ],
    [
      "that it projects or filters by",
      { ProjectionExpression: "a, b.c", FilterExpression: "d = :d" },
      ["d", "a", "b"],
    ],
    [
      "that it queries by",
      { KeyConditionExpression: "#k = :k", ExpressionAttributeNames: { "#k": "sub" } },
      ["sub"],
    ],
    [
      "in the parameters before expressions",
      { AttributeUpdates: { a: {} }, Expected: { b: {} }, AttributesToGet: ["c"] },
      ["a", "b", "c"],
    ],
    [
      "in conditions before expressions",
      { KeyConditions: { a: {} }, QueryFilter: { b: {} }, ScanFilter: { c: {} } },
      ["a", "b", "c"],
    ],
    [
      "once each",
      { Key: { a: {} }, UpdateExpression: "SET b = a", ConditionExpression: "b = :b" },
      ["a", "b"],
    ],
    ["none, where there are none", { TableName: "Users" }, []],
  ])("%s", (_, input, expected) => {
    expect(attributesOf(input)).toEqual(expected);
  });
});

describe("what a call needs permission for", () => {
  const service = createDynamoDbService(
    Object.assign(() => Promise.reject(new Error("not to be asked")), { close: () => undefined }),
    new Map([
      ["Users", "sub"],
      ["Sessions", "tokenHash"],
    ]),
  );
  const seen = (action: string, input: Record<string, unknown>) =>
    service
      .describe(action, input)
      .map(({ action: needed, resource, contextLists }) => [
        needed,
        resource?.replace(ARN, ""),
        contextLists["dynamodb:LeadingKeys"],
        contextLists["dynamodb:Attributes"],
      ]);
  const ann = { sub: { S: "ann" } };
  const bob = { sub: { S: "bob" } };

  test("one item: its key and attributes", () => {
    const input = { TableName: "Users", Key: ann, UpdateExpression: "SET a = :a" };
    expect(seen("UpdateItem", input)).toEqual([["UpdateItem", "Users", ["ann"], ["sub", "a"]]]);
  });

  test("a batch: each table by itself, with all its keys and attributes", () => {
    const RequestItems = {
      Users: [{ PutRequest: { Item: { ...ann, a: {} } } }, { DeleteRequest: { Key: bob } }],
      Sessions: [{ DeleteRequest: { Key: { tokenHash: { S: "hash" } } } }],
    };
    expect(seen("BatchWriteItem", { RequestItems })).toEqual([
      ["BatchWriteItem", "Users", ["ann", "bob"], ["sub", "a"]],
      ["BatchWriteItem", "Sessions", ["hash"], ["tokenHash"]],
    ]);
    const Keys = [ann, bob];
    const reads = {
      Users: { Keys, ProjectionExpression: "#a", ExpressionAttributeNames: { "#a": "a" } },
    };
    expect(seen("BatchGetItem", { RequestItems: reads })).toEqual([
      ["BatchGetItem", "Users", ["ann", "bob"], ["sub", "a"]],
    ]);
  });

  test("a transaction: each of its items as the single call", () => {
    const TransactItems = [
      { Put: { TableName: "Users", Item: { ...ann, a: {} } } },
      { Update: { TableName: "Users", Key: bob, UpdateExpression: "REMOVE b" } },
      { Delete: { TableName: "Sessions", Key: { tokenHash: { S: "hash" } } } },
      { ConditionCheck: { TableName: "Users", Key: ann, ConditionExpression: "c = :c" } },
    ];
    expect(seen("TransactWriteItems", { TransactItems })).toEqual([
      ["PutItem", "Users", ["ann"], ["sub", "a"]],
      ["UpdateItem", "Users", ["bob"], ["sub", "b"]],
      ["DeleteItem", "Sessions", ["hash"], ["tokenHash"]],
      ["ConditionCheckItem", "Users", ["ann"], ["sub", "c"]],
    ]);
    expect(
      seen("TransactGetItems", { TransactItems: [{ Get: { TableName: "Users", Key: ann } }] }),
    ).toEqual([["GetItem", "Users", ["ann"], ["sub"]]]);
  });

  test.each([
    ["BatchWriteItem", {}],
    ["TransactWriteItems", { TransactItems: [] }],
    ["TransactWriteItems", { TransactItems: [null] }],
    ["ExecuteStatement", { Statement: 'UPDATE "Users" SET a = 1' }],
  ])("%s of %j: no resource, so only who may do everything may do it", (action, input) => {
    expect(seen(action, input)).toEqual([[action, undefined, undefined, undefined]]);
  });
});
