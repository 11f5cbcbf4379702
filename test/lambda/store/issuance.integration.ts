/** Grant and switch in one call, over two engines. */
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { endedKey, SWITCH_KEY } from "../../../lambda/store/control-keys";
import { createEndedMarks } from "../../../lambda/store/ended-marks";
import { createGrantStore } from "../../../lambda/store/grant-store";
import {
  createIssuanceReader,
  setIssuanceFrozen,
  setRestored,
} from "../../../lambda/store/issuance";
import { sampleGrant } from "../../contract/grant-store.contract";
import { ENGINES, startTestAws, type TestAws } from "../../support/test-aws";
import { ALICE, BOB, NOW } from "../../support/tokens";

describe.each(ENGINES)("on %s", (engine, describeEngine) => {
  describeEngine("the switch", () => {
    let aws: TestAws;

    beforeAll(async () => {
      aws = await startTestAws(engine);
    });

    afterAll(async () => {
      await aws.close();
    });

    async function createReader() {
      let now = NOW;
      const options = { table: await aws.createTable(), client: aws.documents };
      return {
        options,
        reader: createIssuanceReader({ ...options, clock: { now: () => now } }),
        advance: (milliseconds: number) => {
          now += milliseconds;
        },
      };
    }

    test("is open where nobody ever touched it, and the grant comes with it", async () => {
      const { options, reader } = await createReader();
      expect(await reader.read(ALICE)).toEqual({ grant: undefined, isFrozen: false });
      await createGrantStore(options).write(sampleGrant(), 0);
      const { grant } = await reader.read(ALICE);
      expect(grant).toEqual({ ...sampleGrant(), revision: 1 });
    });

    test("is honoured within five seconds, both ways, and the grant is never older than the call", async () => {
      const { options, reader, advance } = await createReader();
      await reader.read(ALICE);
      await setIssuanceFrozen(options, NOW);
      await createGrantStore(options).write(sampleGrant(), 0);
      advance(4_999);
      expect(await reader.read(ALICE)).toMatchObject({ isFrozen: false, grant: { revision: 1 } });
      advance(1);
      expect(await reader.read(ALICE)).toMatchObject({ isFrozen: true, grant: { revision: 1 } });
      await setIssuanceFrozen(options, undefined);
      advance(5_000);
      expect(await reader.read(ALICE)).toMatchObject({ isFrozen: false });
    });

    test("F13: comes with the mark of what has ended, read at every call", async () => {
      const { options, reader } = await createReader();
      await createGrantStore(options).write(sampleGrant(), 0);
      expect((await reader.read(ALICE)).endedAt).toBeUndefined();
      await createEndedMarks(options).raise(ALICE, NOW);
      expect(await reader.read(ALICE)).toMatchObject({ endedAt: NOW, grant: { revision: 1 } });
      expect((await reader.read(BOB)).endedAt).toBeUndefined();
      await createEndedMarks(options).raise(ALICE, NOW + 1);
      expect(await reader.read(ALICE)).toMatchObject({ endedAt: NOW + 1 });
    });

    test("a mark that cannot be read is not taken for absent", async () => {
      const { options, reader } = await createReader();
      const Item = { sub: endedKey(ALICE), endedAt: "yesterday" };
      await options.client.send(new PutCommand({ TableName: options.table, Item }));
      const unreadable = { reason: "unknown_schema_version" };
      await expect(reader.read(ALICE)).rejects.toMatchObject(unreadable);
      await expect(createEndedMarks(options).read(ALICE)).rejects.toMatchObject(unreadable);
      expect((await reader.read(BOB)).endedAt).toBeUndefined();
    });

    test("knows when the table came back from a backup, beside the switch", async () => {
      const { options, reader, advance } = await createReader();
      await setRestored(options, NOW);
      await setIssuanceFrozen(options, NOW);
      expect(await reader.read(ALICE)).toMatchObject({ isFrozen: true, restoredAt: NOW });
      await setIssuanceFrozen(options, undefined);
      advance(4_999);
      expect(await reader.read(ALICE)).toMatchObject({ restoredAt: NOW });
      advance(1);
      expect(await reader.read(ALICE)).toMatchObject({ isFrozen: false, restoredAt: NOW });
    });
  });
});

test.each([SWITCH_KEY, endedKey(ALICE)])(
  "%s is nobody's sub: a sub is ASCII (OIDC Core 2)",
  (key) => {
    expect(/^[\x20-\x7e]+$/.test(key)).toBe(false);
  },
);

test("what DynamoDB left unprocessed is not taken for absent", async () => {
  const reader = createIssuanceReader({
    table: "Grants",
    client: {
      send: () => Promise.resolve({ Responses: {}, UnprocessedKeys: { Grants: { Keys: [{}] } } }),
    } as never,
    clock: { now: () => NOW },
  });
  await expect(reader.read(ALICE)).rejects.toMatchObject({ reason: "store_unavailable" });
});
