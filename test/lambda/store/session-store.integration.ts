/**
 * Session items that are not as they should be, on real engines: they can be listed beside others,
 * and ended.
 */
import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createSessionStore } from "../../../lambda/store/session-store";
import { sampleSession } from "../../contract/session-store.contract";
import { ENGINES, startTestAws, type TestAws } from "../../support/test-aws";
import { ALICE, NOW } from "../../support/tokens";

const TIME = new Date(NOW).toISOString();

const WHOLE: Record<string, AttributeValue> = {
  schemaVersion: { N: "1" },
  tokenHash: { S: "damaged" },
  sub: { S: ALICE },
  id: { S: "damaged-id" },
  provedAt: { S: TIME },
  createdAt: { S: TIME },
  lastSeenAt: { S: TIME },
  idleExpiresAt: { S: TIME },
  userAgent: { S: "Other" },
  expiresAt: { N: String(NOW / 1000) },
};

const without = (name: string) =>
  Object.fromEntries(Object.entries(WHOLE).filter(([each]) => each !== name));

const DAMAGES: readonly (readonly [string, Record<string, AttributeValue>])[] = [
  ...Object.keys(WHOLE)
    .filter((name) => name !== "tokenHash" && name !== "sub")
    .map((name) => [`without ${name}`, without(name)] as const),
  ...Object.keys(WHOLE)
    .filter((name) => name !== "tokenHash" && name !== "sub")
    .flatMap((name) => [
      [`with a map as ${name}`, { ...WHOLE, [name]: { M: { constructor: { S: "x" } } } }] as const,
      [`with null as ${name}`, { ...WHOLE, [name]: { NULL: true } }] as const,
    ]),
  ["of another schema", { ...WHOLE, schemaVersion: { N: "2" } }],
  ["with a number that no program keeps", { ...WHOLE, expiresAt: { N: "9e99" } }],
  ["with one that is no time", { ...WHOLE, expiresAt: { N: "99999999999999999999" } }],
  ["with a day that there is not", { ...WHOLE, createdAt: { S: "2026-13-32T25:61:61Z" } }],
  ["with nothing but its keys", { tokenHash: { S: "damaged" }, sub: { S: ALICE } }],
];

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`a session item on ${engine}`, () => {
    let aws: TestAws;
    let options: { readonly table: string; readonly client: TestAws["documents"] };

    beforeAll(async () => {
      aws = await startTestAws(engine);
      options = { table: await aws.createSessionsTable(), client: aws.documents };
    });

    afterAll(async () => {
      await aws.close();
    });

    test.each(DAMAGES)("%s keeps no other from being listed, and can be ended", async (_, item) => {
      const store = createSessionStore(options);
      await store.create(sampleSession());
      await aws.documents.send(new PutItemCommand({ TableName: options.table, Item: item }));
      const { entries } = await store.page(ALICE, { limit: 10, after: undefined });
      expect([...entries].sort((a, b) => a.tokenHash.localeCompare(b.tokenHash))).toEqual([
        { tokenHash: "damaged", session: undefined },
        { tokenHash: "hash-1", session: sampleSession() },
      ]);
      for (const { tokenHash } of entries) {
        await store.end(tokenHash);
      }
      expect((await store.page(ALICE, { limit: 10, after: undefined })).entries).toEqual([]);
    });

    test("with attributes of a later version is read all the same", async () => {
      const store = createSessionStore(options);
      const more = { later: { M: { huge: { N: "9e99" } } } };
      await aws.documents.send(
        new PutItemCommand({ TableName: options.table, Item: { ...WHOLE, ...more } }),
      );
      const { entries } = await store.page(ALICE, { limit: 10, after: undefined });
      expect(entries).toMatchObject([{ tokenHash: "damaged", session: { id: "damaged-id" } }]);
      await store.end("damaged");
    });
  });
}
