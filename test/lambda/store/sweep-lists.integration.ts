/**
 * The lists of the sweeper on real engines: what is in an index, in which order, and where a sweep
 * goes on.
 */
import type { Grant } from "../../../lambda/grant/grant";
import { createGrantStore } from "../../../lambda/store/grant-store";
import {
  createDisconnectingList,
  createDueList,
  createSweepPositions,
} from "../../../lambda/store/sweep-lists";
import { ENGINES, startTestAws, type TestAws } from "../../support/test-aws";

const NOW = Date.UTC(2026, 0, 1);

function grantOf(sub: string, changes: Partial<Grant> = {}): Grant {
  return {
    sub,
    grantId: "grant",
    revision: 0,
    status: "active",
    since: NOW,
    refreshToken: { ciphertext: new Uint8Array([1]), gen: 1 },
    inbox: [],
    history: [],
    ...changes,
  } as Grant;
}

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`on ${engine}`, () => {
    let aws: TestAws;
    let table: { readonly table: string; readonly client: TestAws["documents"] };

    beforeEach(async () => {
      aws = await startTestAws(engine);
      table = { table: await aws.createGrantsTable(), client: aws.documents };
    });

    afterEach(async () => {
      await aws.close();
    });

    test("what is due is found, in pages that go on where the last one ended, and what is done is gone from them", async () => {
      const dueAt = ({ lastExchangeAt }: Grant) => lastExchangeAt;
      const store = createGrantStore({ ...table, dueAt });
      const subs = Array.from({ length: 25 }, (_, at) => `user-${String(at)}`);
      for (const sub of subs) {
        await store.write(grantOf(sub, { lastExchangeAt: NOW }), 0);
      }
      await store.write(grantOf("later", { lastExchangeAt: NOW + 1 }), 0);
      await store.write(grantOf("never"), 0);
      const due = createDueList(table);
      const first = await due.page({ before: NOW + 1, limit: 10, after: undefined });
      const rest = await due.page({ before: NOW + 1, limit: 100, after: first.next });
      expect(first.subs).toHaveLength(10);
      expect([...first.subs, ...rest.subs].sort()).toEqual(subs.sort());
      expect(rest.next).toBeUndefined();

      for (const sub of first.subs) {
        await store.write(grantOf(sub), 1);
      }
      const left = await due.page({ before: NOW + 1, limit: 100, after: undefined });
      expect(left.subs).toHaveLength(15);
      const anew = await due.page({ before: NOW + 1, limit: 100, after: "no cursor" });
      expect(anew.subs).toHaveLength(15);
    });

    test("without a rule for what is due no item says so", async () => {
      await createGrantStore(table).write(grantOf("user", { lastExchangeAt: NOW }), 0);
      const { subs } = await createDueList(table).page({
        before: NOW * 2,
        limit: 10,
        after: undefined,
      });
      expect(subs).toEqual([]);
    });

    test("disconnects that broke off are found when they are old enough", async () => {
      const store = createGrantStore(table);
      await store.write(grantOf("broken", { status: "disconnecting", reason: "disconnected" }), 0);
      await store.write(grantOf("erased", { status: "disconnecting", reason: "erased" }), 0);
      const list = createDisconnectingList(table);
      const request = { limit: 10, after: undefined };
      expect((await list.page({ ...request, before: NOW })).subs).toEqual([]);
      expect((await list.page({ ...request, before: NOW + 1 })).subs).toEqual(["broken"]);
    });

    test("positions are kept for each list, and taken away", async () => {
      const positions = createSweepPositions(table);
      expect(await positions.read()).toEqual({});
      await positions.write("due", "here");
      await positions.write("erasing", "there");
      await positions.write("due", undefined);
      expect(await positions.read()).toEqual({ erasing: "there" });
    });
  });
}
