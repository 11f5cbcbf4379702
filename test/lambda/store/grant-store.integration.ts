import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { evidenceOf } from "../../../lambda/model";
import type { GrantStore } from "../../../lambda/ports/stores";
import { createGrantStore } from "../../../lambda/store/grant-store";
import { createUserStore } from "../../../lambda/store/user-store";
import { sampleGrant } from "../../contract/grant-store.contract";
import { type ForgetfulProxy, startForgetfulProxy } from "../../support/forgetful-proxy";
import { startTestAws, type TestAws } from "../../support/test-aws";
import { ALICE, NOW } from "../../support/tokens";

let aws: TestAws;
let table: string;
let store: GrantStore;

beforeAll(async () => {
  aws = await startTestAws();
});

afterAll(async () => {
  await aws.close();
});

beforeEach(async () => {
  table = await aws.createTable();
  store = createGrantStore({ table, client: aws.documents });
});

test("both reads, the one after a failed condition too, are strongly consistent", async () => {
  const reads: unknown[] = [];
  const client = {
    send: async (command: GetCommand | UpdateCommand) => {
      if (command instanceof GetCommand) {
        reads.push(command.input.ConsistentRead);
      }
      return await aws.documents.send(command as GetCommand);
    },
  } as unknown as DynamoDBDocumentClient;
  const watched = createGrantStore({ table, client });
  await watched.read(ALICE);
  await watched.write(sampleGrant(), 1);
  expect(reads).toEqual([true, true]);
});

describe("rows of other versions of this code", () => {
  test("S58: a row of an unknown schema version is 503 to read, and is never rewritten", async () => {
    const item = { sub: ALICE, schemaVersion: 2, revision: 1, something: "new" };
    await aws.documents.send(new PutCommand({ TableName: table, Item: item }));
    await expect(store.read(ALICE)).rejects.toMatchObject({ reason: "unknown_schema_version" });
    for (const expected of [0, 1]) {
      await expect(store.write(sampleGrant(), expected)).rejects.toMatchObject({
        reason: "unknown_schema_version",
      });
    }
    const { Item } = await aws.documents.send(
      new GetCommand({ TableName: table, Key: { sub: ALICE } }),
    );
    expect(Item).toEqual(item);
  });

  test("a user of an unknown schema version is 503, and is never rewritten", async () => {
    const users = createUserStore({ table, client: aws.documents });
    const item = { sub: ALICE, schemaVersion: 2, claimsIat: 0 };
    await aws.documents.send(new PutCommand({ TableName: table, Item: item }));
    const idToken = { sub: ALICE, issuedAt: NOW, expiresAt: NOW, claims: {}, tokenHash: "" };
    await expect(users.upsert(idToken, evidenceOf(idToken), NOW)).rejects.toMatchObject({
      reason: "unknown_schema_version",
    });
    const { Item } = await aws.documents.send(
      new GetCommand({ TableName: table, Key: { sub: ALICE } }),
    );
    expect(Item).toEqual(item);
  });

  test("S58: attributes of a later version survive a write, and so do members inside of ours", async () => {
    await store.write(sampleGrant(), 0);
    await aws.documents.send(
      new UpdateCommand({
        TableName: table,
        Key: { sub: ALICE },
        UpdateExpression: "SET later = :later, history[0].later = :later",
        ExpressionAttributeValues: { ":later": "kept" },
      }),
    );
    const grant = await store.read(ALICE);
    await store.write({ ...sampleGrant(), history: grant?.history ?? [] }, 1);
    const { Item } = await aws.documents.send(
      new GetCommand({ TableName: table, Key: { sub: ALICE } }),
    );
    expect(Item).toMatchObject({ later: "kept", revision: 2, history: [{ later: "kept" }] });
  });
});

describe("S50: an answer that is lost", () => {
  let proxy: ForgetfulProxy;

  beforeEach(async () => {
    proxy = await startForgetfulProxy(aws.aws.endpoints.dynamodb);
  });

  afterEach(async () => {
    await proxy.close();
  });

  test("one that breaks off after its status line is as good as lost, and the write still counts", async () => {
    const client = retryingClient(proxy.endpoint);
    proxy.cutNextAnswer();
    const result = await createGrantStore({ table, client }).write(sampleGrant(), 0);
    expect(result).toMatchObject({ written: true, grant: { revision: 1 } });
    expect(proxy.lost()).toBe(1);
  });

  test.each(["loseNextAnswer", "cutNextAnswer"] as const)(
    "%s with no attempt left is told as an outage, which is worth a retry, never as a denial",
    async (fault) => {
      const client = retryingClient(proxy.endpoint, 1);
      proxy[fault]();
      const write = createGrantStore({ table, client }).write(sampleGrant(), 0);
      await expect(write).rejects.toMatchObject({ reason: "store_unavailable" });
      expect((await store.read(ALICE))?.revision).toBe(1);
    },
  );

  test("a write that was applied counts as written when the SDK's own retry fails its condition", async () => {
    const client = retryingClient(proxy.endpoint);
    const remote = createGrantStore({ table, client });
    proxy.loseNextAnswer();
    const result = await remote.write(sampleGrant(), 0);
    expect(result).toMatchObject({ written: true, grant: { revision: 1, grantId: "grant-1" } });
    expect(proxy.lost()).toBe(1);
    expect((await store.read(ALICE))?.revision).toBe(1);
  });

  test("but somebody else's write in between does not", async () => {
    const client = retryingClient(proxy.endpoint);
    const remote = createGrantStore({ table, client });
    proxy.loseNextAnswer(async () => {
      await store.write(sampleGrant({ grantId: "grant-2" }), 1);
    });
    const result = await remote.write(sampleGrant(), 0);
    expect(result).toMatchObject({ written: false, current: { revision: 2, grantId: "grant-2" } });
  });
});

describe("errors of DynamoDB", () => {
  test.each([
    ["ThrottlingException", 400, "store_unavailable"],
    ["ProvisionedThroughputExceededException", 400, "store_unavailable"],
    ["InternalServerError", 500, "store_unavailable"],
    ["AccessDeniedException", 400, "store_denied"],
    ["ResourceNotFoundException", 400, "store_denied"],
    ["ValidationException", 400, "store_denied"],
  ])("%s is told as %s %s", async (name, httpStatusCode, reason) => {
    const error = Object.assign(new Error("arn:aws:dynamodb:secret"), {
      name,
      $metadata: { httpStatusCode },
    });
    const broken = { send: () => Promise.reject(error) } as unknown as DynamoDBDocumentClient;
    const failing = createGrantStore({ table, client: broken });
    await expect(failing.read(ALICE)).rejects.toMatchObject({ reason });
    await expect(failing.write(sampleGrant(), 0)).rejects.toMatchObject({ reason });
  });

  test("no connection at all is an outage", async () => {
    const client = retryingClient("http://127.0.0.1:1");
    await expect(createGrantStore({ table, client }).read(ALICE)).rejects.toMatchObject({
      reason: "store_unavailable",
    });
    client.destroy();
  });
});

function retryingClient(endpoint: string, maxAttempts = 3): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "TESTACCESSKEY0000001", secretAccessKey: "made up" },
    maxAttempts,
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
