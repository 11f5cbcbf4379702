/**
 * What who may only touch sessions can leave in their table, on the real engines: it is nobody's,
 * and nothing fails over it.
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { createSessionStore } from "../../../lambda/store/session-store";
import { sampleSession } from "../../contract/session-store.contract";
import { ENGINES, startTestAws, type TestAws } from "../../support/test-aws";
import { ALICE } from "../../support/tokens";

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`DynamoDB (${engine})`, () => {
    let aws: TestAws;
    let table: string;

    beforeAll(async () => {
      aws = await startTestAws(engine);
      table = await aws.createSessionsTable();
    });

    afterAll(async () => {
      await aws.close();
    });

    async function update(tokenHash: string, values: Readonly<Record<string, unknown>>) {
      const names = Object.keys(values);
      await aws.documents.send(
        new UpdateCommand({
          TableName: table,
          Key: { tokenHash },
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(
            names.map((name) => [`:${name}`, values[name]]),
          ),
        }),
      );
    }

    test("an item that was only touched is no session, also where it would be in a user's list", async () => {
      const store = createSessionStore({ table, client: aws.documents });
      const touched = {
        lastSeenAt: new Date().toISOString(),
        idleExpiresAt: "9999-01-01T00:00:00Z",
      };
      await update("stub", touched);
      expect(await store.find("stub")).toBeUndefined();
      await update("with-sub", { ...touched, sub: ALICE });
      await store.create(sampleSession());
      expect(await store.find("with-sub")).toBeUndefined();
      const { entries } = await store.page(ALICE, { limit: 10, after: undefined });
      expect(entries.flatMap(({ session }) => session ?? [])).toEqual([sampleSession()]);
    });

    test("S58: one of a later version is not guessed at, as before", async () => {
      const store = createSessionStore({ table, client: aws.documents });
      await update("later", { schemaVersion: 2 });
      await expect(store.find("later")).rejects.toMatchObject({ reason: "unknown_schema_version" });
    });
  });
}
