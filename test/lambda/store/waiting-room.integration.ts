/**
 * The count of waiting callers as it lies beside a grant; what the port promises is in
 * test/contract/waiting-room.contract.ts.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { createGrantStore } from "../../../lambda/store/grant-store";
import { createWaitingRoom } from "../../../lambda/store/waiting-room";
import { sampleGrant } from "../../contract/grant-store.contract";
import { startTestAws, type TestAws } from "../../support/test-aws";
import { ALICE, NOW } from "../../support/tokens";

const lease = { owner: "holder", expiresAt: NOW + 17_000, takenOver: false };
const leased = { ...sampleGrant(), lease };

let aws: TestAws;
let table: string;

beforeAll(async () => {
  aws = await startTestAws();
});

afterAll(async () => {
  await aws.close();
});

beforeEach(async () => {
  table = await aws.createTable();
  await createGrantStore({ table, client: aws.documents }).write(leased, 0);
});

/** Counts what is sent. */
function watched() {
  const sent: UpdateCommand[] = [];
  const client = {
    send: async (command: UpdateCommand) => {
      sent.push(command);
      return await aws.documents.send(command);
    },
  } as unknown as DynamoDBDocumentClient;
  return { sent, room: createWaitingRoom({ table, client }) };
}

test("who comes first and who sees the count send one write each; two where somebody else was first meanwhile", async () => {
  const { sent, room } = watched();
  await room.enter(leased, 5);
  expect(sent).toHaveLength(1);
  await room.enter({ ...leased, waiting: { owner: "holder", count: 1 } }, 5);
  expect(sent).toHaveLength(2);
  await room.enter(leased, 5);
  expect(sent).toHaveLength(4);
});

test("S50: a call whose answer was lost, and which the SDK repeats, takes one place", async () => {
  const client = {
    send: async (command: UpdateCommand) => {
      await aws.documents.send(command);
      return await aws.documents.send(command);
    },
  } as unknown as DynamoDBDocumentClient;
  const room = createWaitingRoom({ table, client });
  const store = createGrantStore({ table, client: aws.documents });
  expect(await room.enter(leased, 2)).toBe(true);
  expect((await store.read(ALICE))?.waiting?.count).toBe(1);
  expect(await room.enter(leased, 2)).toBe(true);
  expect((await store.read(ALICE))?.waiting?.count).toBe(2);
});

test("no write names anything but the key, the lease and the count: what a role has to allow", async () => {
  const { sent, room } = watched();
  await room.enter(leased, 5);
  await room.enter(leased, 5);
  const named = sent.flatMap(({ input }) => [
    ...Object.keys(input.Key ?? {}),
    ...[input.UpdateExpression, input.ConditionExpression].flatMap((text = "") =>
      [...text.matchAll(/(?<!\.)#(\w+)/g)].map(([, name]) => name),
    ),
  ]);
  expect([...new Set(named)].sort()).toEqual(["lease", "sub", "waiting"]);
  expect(sent.map(({ input }) => input.ReturnValues)).toEqual(sent.map(() => undefined));
});

test.each([["a number"], [7], [{ owner: "holder" }], [{ callers: { a: true } }], [[]]])(
  "S58: a count that is damaged (%j) keeps nobody from reading the grant, and is no place",
  async (damage) => {
    await aws.documents.send(
      new UpdateCommand({
        TableName: table,
        Key: { sub: ALICE },
        UpdateExpression: "SET waiting = :damage",
        ExpressionAttributeValues: { ":damage": damage },
      }),
    );
    const store = createGrantStore({ table, client: aws.documents });
    const grant = await store.read(ALICE);
    expect(grant).toMatchObject({ grantId: "grant-1", lease });
    expect(grant?.waiting).toBeUndefined();
    expect(typeof (await watched().room.enter(leased, 2))).toBe("boolean");
    expect(await store.write({ ...leased, lease: undefined }, 1)).toMatchObject({ written: true });
  },
);

test("S58: a version that knows no count leaves it where it is, and the next lease has all of its places", async () => {
  const { room } = watched();
  await room.enter(leased, 1);
  const store = createGrantStore({ table, client: aws.documents });
  await store.write({ ...leased, lease: { ...lease, owner: "next" } }, 1);
  const { Item } = await aws.documents.send(
    new GetCommand({ TableName: table, Key: { sub: ALICE } }),
  );
  const { owner, callers } = Item?.["waiting"] as { owner: string; callers: object };
  expect([owner, Object.keys(callers).length]).toEqual(["holder", 1]);
  expect(await room.enter({ ...leased, lease: { ...lease, owner: "next" } }, 1)).toBe(true);
});

test("a table that is not there, or not to be reached, is told as such", async () => {
  const missing = createWaitingRoom({ table: "nowhere", client: aws.documents });
  await expect(missing.enter(leased, 1)).rejects.toMatchObject({ name: "InternalError" });
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: "http://127.0.0.1:1",
      region: "local",
      maxAttempts: 1,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    }),
  );
  const unreachable = createWaitingRoom({ table, client });
  await expect(unreachable.enter(leased, 1)).rejects.toMatchObject({
    name: "UnavailableError",
    reason: "store_unavailable",
  });
});
