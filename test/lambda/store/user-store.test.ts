import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { evidenceOf } from "../../../lambda/model";
import { createUserStore } from "../../../lambda/store/user-store";
import { ALICE, NOW } from "../../support/tokens";

const idToken = {
  sub: ALICE,
  issuedAt: NOW,
  expiresAt: NOW + 1,
  claims: { name: "Alice" },
  tokenHash: "hash",
};
const evidence = evidenceOf(idToken);

type Answer = Readonly<Record<string, unknown>> | Error;

/** The real client, whose requests end in the test: what is sent is what a table would get. */
function createStore(...answers: Answer[]) {
  const sent: { readonly input: object }[] = [];
  const documents = DynamoDBDocumentClient.from(
    new DynamoDBClient({ region: "us-east-1", maxAttempts: 1 }),
  );
  documents.middlewareStack.add(
    () => (args) => {
      sent.push({ input: args.input });
      const answer = answers[sent.length - 1] ?? {};
      return answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve({ output: { $metadata: {}, ...answer }, response: {} });
    },
    { step: "initialize", priority: "high" },
  );
  return { sent, store: createUserStore({ table: "Users", client: documents }) };
}

function awsError(name: string, httpStatusCode?: number): Error {
  return Object.assign(new Error("arn:aws:dynamodb:eu-west-1:1:table/Users"), {
    name,
    $metadata: { httpStatusCode },
  });
}

const refused = new ConditionalCheckFailedException({ message: "", $metadata: {} });

describe("what DynamoDB says", () => {
  test.each([
    [awsError("ThrottlingException", 400)],
    [awsError("ProvisionedThroughputExceededException", 400)],
    [awsError("InternalServerError", 500)],
    [awsError("ServiceUnavailable", 503)],
    [awsError("TimeoutError")],
    [Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })],
  ])("%p is store_unavailable, with the error as cause", async (error) => {
    const expected = { name: "UnavailableError", reason: "store_unavailable", cause: error };
    await expect(createStore(error).store.find(ALICE)).rejects.toMatchObject(expected);
    await expect(createStore(error).store.upsert(idToken, evidence, NOW)).rejects.toMatchObject(
      expected,
    );
    const afterRefusal = createStore(refused, error).store.upsert(idToken, evidence, NOW);
    await expect(afterRefusal).rejects.toMatchObject(expected);
  });

  test.each([
    [awsError("AccessDeniedException", 400)],
    [awsError("ResourceNotFoundException", 400)],
    [awsError("ValidationException", 400)],
    [awsError("UnrecognizedClientException", 400)],
  ])("%p is store_denied: waiting does not help", async (error) => {
    const expected = { name: "InternalError", reason: "store_denied", cause: error };
    await expect(createStore(error).store.find(ALICE)).rejects.toMatchObject(expected);
    await expect(createStore(error).store.upsert(idToken, evidence, NOW)).rejects.toMatchObject(
      expected,
    );
  });

  test("our message for it quotes nothing of DynamoDB's", async () => {
    const { store } = createStore(awsError("AccessDeniedException", 400));
    await expect(store.find(ALICE)).rejects.toThrow(/^internal: store_denied$/);
  });
});

describe("round trips", () => {
  test("a sign-in is one write, whether the user is new or known", async () => {
    const Attributes = { ...ITEM, version: 7 };
    const { store, sent } = createStore({ Attributes });
    expect(await store.upsert(idToken, evidence, NOW)).toMatchObject({
      created: false,
      user: { version: 7, claimsIssuedAt: NOW },
    });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.input).toMatchObject({ Key: { sub: ALICE }, ReturnValues: "ALL_NEW" });
  });

  test("an older token costs one strong read more", async () => {
    const { store, sent } = createStore(refused, { Item: ITEM });
    expect((await store.upsert(idToken, evidence, NOW)).created).toBe(false);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.input).toMatchObject({ Key: { sub: ALICE }, ConsistentRead: true });
  });

  test("an item that is gone between the two is a conflict that trying again solves", async () => {
    const { store } = createStore(refused, {});
    await expect(store.upsert(idToken, evidence, NOW)).rejects.toMatchObject({
      reason: "store_conflict",
    });
  });
});

const ITEM = {
  sub: ALICE,
  schemaVersion: 1,
  claims: { name: "Alice" },
  attributes: {},
  createdAt: new Date(NOW).toISOString(),
  updatedAt: new Date(NOW).toISOString(),
  claimsIat: NOW / 1000,
  version: 1,
};
/** Of the right form. */
const FAR_OFF = "2026-01-01T00:00:00.000+99:99";

test.each([2, 3, 1e6])("S58: an item of version %d is not guessed at", async (schemaVersion) => {
  const { store } = createStore({ Item: { ...ITEM, schemaVersion } });
  await expect(store.find(ALICE)).rejects.toMatchObject({ reason: "unknown_schema_version" });
});

const PARTS = ["claims", "attributes", "createdAt", "updatedAt", "claimsIat", "version"];

test.each([
  ["a time that is none", { ...ITEM, createdAt: "yesterday" }, ["createdAt"]],
  ["a time with a zone that is none", { ...ITEM, updatedAt: FAR_OFF }, ["updatedAt"]],
  ["claims that are a list", { ...ITEM, claims: [] }, ["claims"]],
  ["claims that are no JSON", { ...ITEM, claims: { name: new Set(["x"]) } }, ["claims"]],
  ["no version", { ...ITEM, version: undefined }, ["version"]],
  ["a version that none can follow", { ...ITEM, version: 2 ** 53 }, ["version"]],
  ["an erasure at no time", { ...ITEM, erasedAt: "yesterday", erasedTokens: [] }, ["erasure"]],
  ["an erasure without its tokens", { ...ITEM, erasedAt: ITEM.createdAt }, ["erasure"]],
  ["tokens of an erasure alone", { ...ITEM, erasedTokens: [] }, ["erasure"]],
  ["no schema version", { ...ITEM, schemaVersion: undefined }, ["schemaVersion"]],
  ["a schema version of text", { ...ITEM, schemaVersion: "2" }, ["schemaVersion"]],
  ["neither a user nor an erasure", { sub: ALICE, schemaVersion: 1 }, PARTS],
])("an item with %s is damaged, and says in what", async (_, Item, unreadable) => {
  const { store } = createStore({ Item });
  const { user, damage } = await store.find(ALICE);
  expect(user).toBeUndefined();
  expect(damage?.unreadable).toEqual(unreadable);
});
