import type { Grant } from "../../lambda/grant/grant";
import type { GrantMover, GrantStore } from "../../lambda/ports";
import { GRANT_LASTING, type LastingAttribute } from "../../lambda/store/written-attributes";
import { ALICE, BOB, NOW } from "../support/tokens";
import { sampleGrant } from "./grant-store.contract";

interface Stores {
  readonly mover: GrantMover;
  as(lasting: readonly LastingAttribute[]): GrantStore;
}

/**
 * What a move relies on, whoever implements it: of a locked row nobody else reads or writes
 * anything.
 */
export function grantMoverContract(createStores: () => Promise<Stores>): void {
  let mover: GrantMover;
  let store: GrantStore;
  let operator: GrantStore;

  beforeEach(async () => {
    const stores = await createStores();
    mover = stores.mover;
    store = stores.as([]);
    operator = stores.as(GRANT_LASTING);
  });

  const unavailable = { name: "UnavailableError", reason: "unknown_schema_version" };
  const movedTo = { id: "move", sub: BOB, was: "grant-1", token: "moved" } as const;
  const movedFrom = { id: "move", token: "moved" } as const;
  const tombstone: Grant = {
    sub: ALICE,
    grantId: "grant-1",
    revision: 9,
    status: "disconnected",
    reason: "erased",
    since: NOW,
    inbox: [],
    history: [],
    erasure: { at: NOW, tokenHashes: [] },
    movedTo,
  };

  test("nothing is found as nothing", async () => {
    expect(await mover.find(ALICE)).toEqual({ isLocked: false, revision: 0 });
  });

  test("a locked row is seen by the move alone, whole", async () => {
    await store.write(sampleGrant(), 0);
    const { revision } = await mover.find(ALICE);
    expect(await mover.lock(ALICE, revision)).toBe(true);
    const found = await mover.find(ALICE);
    expect(found).toMatchObject({ isLocked: true, revision: 2 });
    expect(plain(found.grant)).toEqual(plain({ ...sampleGrant(), revision: 2 }));
    await expect(store.read(ALICE)).rejects.toMatchObject(unavailable);
    for (const expected of [0, 1, 2]) {
      await expect(store.write(sampleGrant(), expected)).rejects.toMatchObject(unavailable);
      expect(await mover.put(sampleGrant({ revision: 9 }), expected)).toBe(false);
      expect(await mover.lock(ALICE, expected)).toBe(false);
    }
    expect((await mover.find(ALICE)).revision).toBe(2);
  });

  test("where there is none, nobody stores one either; unlocked, there is none again", async () => {
    expect(await mover.lock(ALICE, 0)).toBe(true);
    expect(await mover.find(ALICE)).toEqual({ isLocked: true, revision: 1 });
    await expect(store.read(ALICE)).rejects.toMatchObject(unavailable);
    await expect(store.write(sampleGrant(), 0)).rejects.toMatchObject(unavailable);
    await mover.unlock(ALICE);
    expect(await mover.find(ALICE)).toEqual({ isLocked: false, revision: 0 });
    expect(await store.write(sampleGrant(), 0)).toMatchObject({ written: true });
  });

  test("is locked only as it was seen", async () => {
    await store.write(sampleGrant(), 0);
    await store.write(sampleGrant(), 1);
    for (const expected of [0, 1, 3]) {
      expect(await mover.lock(ALICE, expected)).toBe(false);
    }
    expect(await store.read(ALICE)).toMatchObject({ revision: 2 });
  });

  test("unlocked, it is what it was, and no writer from before it was locked changes it", async () => {
    await store.write(sampleGrant(), 0);
    await mover.lock(ALICE, 1);
    await mover.unlock(ALICE);
    await mover.unlock(ALICE);
    expect(plain(await store.read(ALICE))).toEqual(plain({ ...sampleGrant(), revision: 2 }));
    expect(await store.write(sampleGrant(), 1)).toMatchObject({ written: false });
    expect(await store.write(sampleGrant(), 2)).toMatchObject({ written: true });
  });

  test.each([true, false])("leaves what it is told, unlocked (a grant: %p)", async (isGrant) => {
    await (isGrant && store.write(sampleGrant(), 0));
    await mover.leave(tombstone);
    expect((await mover.find(ALICE)).revision).toBe(isGrant ? 1 : 0);
    await mover.lock(ALICE, isGrant ? 1 : 0);
    await mover.leave(tombstone);
    await mover.leave({ ...tombstone, revision: 10 });
    expect(plain(await store.read(ALICE))).toEqual(plain(tombstone));
    // Locked again it is no item that is there for a lock alone.
    await mover.lock(ALICE, 9);
    expect((await mover.find(ALICE)).grant).toMatchObject({ grantId: "grant-1" });
  });

  test("is put at the revision that it says, over the one that was seen", async () => {
    const next = sampleGrant({ revision: 41, movedFrom });
    expect(await mover.put(next, 0)).toBe(true);
    expect(await mover.put(next, 0)).toBe(false);
    expect(plain(await store.read(ALICE))).toEqual(plain(next));
    expect(await mover.put({ ...next, revision: 50 }, 40)).toBe(false);
    expect(await mover.put({ ...next, revision: 50 }, 41)).toBe(true);
    expect(await store.write(sampleGrant(), 50)).toMatchObject({ grant: { revision: 51 } });
  });

  test("what a move says outlives every write but the operator's", async () => {
    await mover.put(sampleGrant({ revision: 1, movedTo, movedFrom }), 0);
    await store.write(sampleGrant(), 1);
    expect(await store.read(ALICE)).toMatchObject({ movedTo, movedFrom });
    await operator.write(sampleGrant(), 2);
    expect(await store.read(ALICE)).not.toHaveProperty("movedTo.id");
  });
}

/** Buffers and arrays of bytes alike, and nothing that is undefined. */
function plain(grant: Grant | undefined): unknown {
  return JSON.parse(
    JSON.stringify(grant, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
    ),
  );
}
