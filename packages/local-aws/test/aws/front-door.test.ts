import { connect } from "node:net";
import { GetItemCommand, ListTablesCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { type AwsCall, AwsError, LOSE_ANSWER } from "../../src/aws/call";
import { type LocalAws, startLocalAws } from "../../src/aws/start";
import { type Clients, createClients, failure, USERS } from "./clients";

let aws: LocalAws;
let clients: Clients;
let onCall: (call: AwsCall) => unknown;
const Key = { sub: { S: "ann" } };

beforeEach(async () => {
  onCall = () => undefined;
  aws = await startLocalAws({ onCall: (call) => onCall(call) });
  clients = createClients(aws.endpoints);
  await aws.createTables([USERS]);
});

afterEach(async () => {
  clients.destroy();
  await aws.close();
});

function getItem() {
  return clients.dynamodb.send(new GetItemCommand({ TableName: "Users", Key }));
}

function countUp() {
  const UpdateExpression = "ADD n :one";
  const ExpressionAttributeValues = { ":one": { N: "1" } };
  const input = { TableName: "Users", Key, UpdateExpression, ExpressionAttributeValues };
  return clients.dynamodb.send(new UpdateItemCommand(input));
}

async function called(): Promise<void> {
  while (aws.calls().length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const SIGNED =
  `AWS4-HMAC-SHA256 Credential=TESTER/20260101/us-east-1/kms/aws4_request, ` +
  `SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;
const HEADERS = {
  authorization: SIGNED,
  "x-amz-date": "20260101T000000Z",
  "x-amz-target": "TrentService.DescribeKey",
  "content-type": "application/x-amz-json-1.1",
};

function without(name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(HEADERS).filter(([header]) => header !== name));
}

async function post(headers: Record<string, string>, body = "{}") {
  const response = await fetch(aws.endpoints.kms, { method: "POST", headers, body });
  return { status: response.status, ...((await response.json()) as { __type: string }) };
}

describe("a request that AWS would not look at is refused with AWS's error", () => {
  const unsigned = without("authorization");
  const undated = without("x-amz-date");
  test.each<[string, Record<string, string>, string, string]>([
    ["without a signature", unsigned, "{}", "MissingAuthenticationTokenException"],
    [
      "with a bearer",
      { ...HEADERS, authorization: "Bearer x" },
      "{}",
      "IncompleteSignatureException",
    ],
    [
      "with half a signature",
      { ...HEADERS, authorization: SIGNED.split(", Sig")[0]! },
      "{}",
      "IncompleteSignatureException",
    ],
    ["without a date", undated, "{}", "IncompleteSignatureException"],
    [
      "signed for another service",
      { ...HEADERS, authorization: SIGNED.replace("/kms/", "/s3/") },
      "{}",
      "InvalidSignatureException",
    ],
    ["without a target", { ...HEADERS, "x-amz-target": "" }, "{}", "UnknownOperationException"],
    [
      "for another service",
      { ...HEADERS, "x-amz-target": "secretsmanager.GetSecretValue" },
      "{}",
      "UnknownOperationException",
    ],
    [
      "with a strange action",
      { ...HEADERS, "x-amz-target": "TrentService.__proto__" },
      "{}",
      "UnknownOperationException",
    ],
    ["that is no JSON", HEADERS, "{", "SerializationException"],
    ["that is no object", HEADERS, "[]", "SerializationException"],
    ["without a required member", HEADERS, "{}", "ValidationException"],
  ])("%s", async (_name, headers, body, type) => {
    expect(await post(headers, body)).toMatchObject({ status: 400, __type: type });
  });

  test("and is not counted, unless it was well-formed", async () => {
    await post(unsigned);
    expect(aws.calls()).toEqual([]);
    await post(HEADERS);
    expect(aws.calls()).toHaveLength(1);
  });
});

test("an action that is not offered is UnknownOperationException, not a wrong answer", async () => {
  const name = await failure(clients.kms.send(new ListKeysCommand({})));
  expect(name).toBe("UnknownOperationException 400");
});

test("every call is counted by service, action, caller and resource; the administrator's are not", async () => {
  const key = await aws.createKey({ logicalId: "GrantKey" });
  const secret = await aws.createSecret({ name: "secret", value: "one" });
  expect(aws.calls()).toEqual([]);
  await getItem();
  await clients.kms.send(new DescribeKeyCommand({ KeyId: key }));
  await clients.secrets.send(new GetSecretValueCommand({ SecretId: "secret" }));
  const table = "arn:aws:dynamodb:us-east-1:000000000000:table/Users";
  const accessKeyId = "TESTER";
  expect(aws.calls()).toMatchObject([
    { accessKeyId, service: "dynamodb", action: "GetItem", resource: table },
    { accessKeyId, service: "kms", action: "DescribeKey", resource: key },
    { accessKeyId, service: "secretsmanager", action: "GetSecretValue", resource: secret },
  ]);
  aws.resetCalls();
  expect(aws.calls()).toEqual([]);
});

test("a denied call has no effect and is counted", async () => {
  const strict = await startLocalAws({ authorize: ({ action }) => action !== "UpdateItem" });
  await strict.createTables([USERS]);
  clients.destroy();
  clients = createClients(strict.endpoints);
  expect(await failure(countUp())).toBe("AccessDeniedException 400");
  expect((await getItem()).Item).toBeUndefined();
  expect(strict.calls().map(({ action }) => action)).toEqual(["UpdateItem", "GetItem"]);
  await strict.close();
});

describe("a test may decide what becomes of a call", () => {
  test("it fails, and nothing has happened", async () => {
    onCall = () => {
      onCall = () => undefined;
      throw new AwsError("ProvisionedThroughputExceededException", "too fast");
    };
    expect(await failure(countUp())).toBe("ProvisionedThroughputExceededException 400");
    expect((await getItem()).Item).toBeUndefined();
  });

  test("its answer is lost, although it has happened", async () => {
    onCall = () => {
      onCall = () => undefined;
      return LOSE_ANSWER;
    };
    expect(await failure(countUp())).toMatch(/without an answer$/);
    expect((await getItem()).Item).toEqual({ ...Key, n: { N: "1" } });
  });

  test("it waits", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    onCall = ({ action }) => (action === "GetItem" ? held : undefined);
    let answered = false;
    const answer = getItem().then(() => (answered = true));
    await called();
    await clients.dynamodb.send(new ListTablesCommand({}));
    expect(answered).toBe(false);
    release();
    expect(await answer).toBe(true);
  });
});

test("an external endpoint gets the calls as they came, judged and counted", async () => {
  const { dynamodb, kms, secretsmanager } = aws.endpoints;
  const front = await startLocalAws({ external: { dynamodb, kms, secretsmanager } });
  const key = await front.createKey({ logicalId: "GrantKey" });
  expect(await aws.createKey({ logicalId: "GrantKey" })).toBe(key);
  await front.createTables([USERS]);
  await front.createSecret({ name: "secret", value: "one" });
  aws.resetCalls();
  const outer = createClients(front.endpoints);
  await outer.secrets.send(new GetSecretValueCommand({ SecretId: "secret" }));
  await outer.kms.send(new DescribeKeyCommand({ KeyId: key }));
  const none = new GetItemCommand({ TableName: "None", Key });
  expect(await failure(outer.dynamodb.send(none))).toBe("ResourceNotFoundException 400");
  outer.destroy();
  const actions = ["GetSecretValue", "DescribeKey", "GetItem"];
  expect(front.calls().map(({ action }) => action)).toEqual(actions);
  expect(aws.calls().map(({ action }) => action)).toEqual(actions);
  await front.close();
});

describe("it closes within a second", () => {
  test("with idle connections kept alive, and with one that never says anything", async () => {
    await getItem();
    const silent = connect(Number(new URL(aws.endpoints.kms).port), "127.0.0.1");
    await new Promise((resolve) => silent.once("connect", resolve));
    const start = Date.now();
    await aws.close();
    expect(Date.now() - start).toBeLessThan(1_000);
    silent.destroy();
  });

  test("with a call that hangs", async () => {
    onCall = () => new Promise(() => undefined);
    const hanging = failure(getItem());
    await called();
    const start = Date.now();
    await aws.close();
    expect(Date.now() - start).toBeLessThan(1_000);
    expect(await hanging).toMatch(/without an answer$/);
  });
});

test("a port that is taken fails the start and leaves nothing open", async () => {
  const kms = Number(new URL(aws.endpoints.kms).port);
  await expect(startLocalAws({ ports: { kms } })).rejects.toThrow("EADDRINUSE");
});
