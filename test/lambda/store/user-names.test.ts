/** Names for the operator, out of records in every state. */
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { createUserNames } from "../../../lambda/store/user-names";
import { createInProcessDynamoDb } from "../../support/in-process-dynamodb";

const TIME = "2026-06-01T12:00:00.000Z";
const record = (sub: string, claims: object, more: object = {}) => ({
  sub,
  claims,
  attributes: { name: "of the app" },
  createdAt: TIME,
  updatedAt: TIME,
  claimsIat: 1_780_000_000,
  version: 1,
  schemaVersion: 1,
  ...more,
});

async function world(...items: object[]) {
  const dynamodb = createInProcessDynamoDb();
  const table = await dynamodb.createTable("Users", "sub");
  for (const Item of items) {
    await dynamodb.documents.send(new PutCommand({ TableName: table, Item }));
  }
  return createUserNames({ table, client: dynamodb.documents });
}

const ADA = record("a", { name: "Ada Lovelace", email: "ada@x.test" });

test("a name is what the provider said, and the later of its two sources wins", async () => {
  const { read } = await world(
    ADA,
    record("b", { preferred_username: "grace" }),
    record(
      "c",
      { name: "Old" },
      {
        userinfo: { claims: { name: "New" }, at: "2099-01-01T00:00:00.000Z" },
      },
    ),
    record("d", { name: 7 }),
    { sub: "e", erasedAt: TIME, erasedTokens: [], revocation: "no_token", schemaVersion: 1 },
    record("f", { name: "Damaged" }, { version: "x" }),
    record("g", { name: "Of a later version" }, { schemaVersion: 99 }),
  );
  const names = await read(["a", "b", "c", "d", "e", "f", "g", "unknown"]);
  expect(Object.fromEntries([...names].map(([sub, { name }]) => [sub, name]))).toEqual({
    a: "Ada Lovelace",
    b: "grace",
    c: "New",
    d: undefined,
    e: undefined,
    f: undefined,
    g: undefined,
  });
});

test("more than a hundred are read, each once", async () => {
  const subs = Array.from({ length: 130 }, (_, at) => `sub-${String(at)}`);
  const { read } = await world(...subs.map((sub) => record(sub, { name: sub })));
  expect([...(await read(subs)).keys()].sort()).toEqual([...subs].sort());
});

test.each([
  ["LOVE", ["a"]],
  ["ada@", ["a"]],
  ["sub-", ["sub-1"]],
  ["of the app", []],
])("%s finds %j", async (text, expected) => {
  const { search } = await world(ADA, record("sub-1", {}));
  const { users, next, looked } = await search({ text, after: undefined });
  expect([users.map(({ sub }) => sub), next, looked]).toEqual([expected, undefined, 2]);
});
