import { evidenceOf, type User } from "../../lambda/model";
import type { UserMover } from "../../lambda/ports/move";
import type { UserEraser, UserStore } from "../../lambda/ports/stores";
import { ALICE, BOB, NOW } from "../support/tokens";

type Stores = UserStore & UserEraser & { readonly mover: UserMover };

/**
 * What a move relies on, whoever implements it: of a locked item nobody else reads or writes
 * anything.
 */
export function userMoverContract(createStores: () => Promise<Stores>): void {
  let store: Stores;

  beforeEach(async () => {
    store = await createStores();
  });

  const token = (sub = ALICE, issuedAt = NOW) => ({
    sub,
    issuedAt,
    expiresAt: NOW + 3_600_000,
    claims: { name: "Alice" },
    tokenHash: `hash-${sub}-${String(issuedAt)}`,
  });

  async function upsert(sub = ALICE, issuedAt = NOW): Promise<User> {
    const idToken = token(sub, issuedAt);
    return (await store.upsert(idToken, evidenceOf(idToken), NOW)).user;
  }

  const unavailable = { name: "UnavailableError", reason: "unknown_schema_version" };
  const erasure = { at: NOW + 5_000, tokenHashes: ["hash-1"] };
  const movedTo = {
    id: "move",
    sub: BOB,
    hadRecord: true,
    sessionsEnded: 2,
    refreshToken: "moved" as const,
  };
  const movedFrom = { id: "move", isNew: true, kept: ["theme"], dropped: [] };
  const cutoffs = { revocation: undefined };

  test("nobody is found as nobody, whose item is not locked", async () => {
    expect(await store.mover.find(ALICE)).toEqual({ isLocked: false });
  });

  test.each([true, false])(
    "a locked item is seen by the move alone (a user: %p)",
    async (isUser) => {
      const user = isUser ? await upsert() : undefined;
      const seen = await store.find(ALICE);
      expect(await store.mover.lock(ALICE, await store.mover.find(ALICE))).toBe(true);
      expect(await store.mover.find(ALICE)).toEqual({
        isLocked: true,
        ...(user && { user: { ...user, version: 2 } }),
      });
      await expect(store.find(ALICE)).rejects.toMatchObject(unavailable);
      await expect(upsert(ALICE, NOW + 60_000)).rejects.toMatchObject(unavailable);
      expect(await store.begin(ALICE, seen, erasure)).toBe(false);
      for (const version of [1, 2]) {
        const held = { ...(user ?? { ...token(), attributes: {} }), version } as User;
        const writes = await Promise.allSettled([
          store.putAttributes(held, { a: 1 }, NOW),
          store.putUserinfo(held, { claims: {}, at: NOW }, NOW),
          store.signOut(held, erasure),
        ]);
        // Told so, or that the item cannot be read.
        const isDone = writes.map((write) => write.status === "fulfilled" && Boolean(write.value));
        expect(isDone).toEqual([false, false, false]);
      }
      await store.finish(ALICE, erasure, "revoked");
      expect((await store.mover.find(ALICE)).user?.attributes).toEqual(user?.attributes);
      expect(await store.mover.lock(ALICE, await store.mover.find(ALICE))).toBe(false);
    },
  );

  test("is locked only as it was seen", async () => {
    const nobody = await store.mover.find(ALICE);
    await upsert();
    const seen = await store.mover.find(ALICE);
    await upsert(ALICE, NOW + 1_000);
    expect(await store.mover.lock(ALICE, nobody)).toBe(false);
    expect(await store.mover.lock(ALICE, seen)).toBe(false);
    expect((await store.find(ALICE)).user?.version).toBe(2);
  });

  test("leaves a tombstone that is whole, says where the user is, and lets nobody back by an older proof", async () => {
    await upsert();
    await store.mover.leave(ALICE, erasure, movedTo);
    expect((await store.find(ALICE)).user?.version).toBe(1);
    await store.mover.lock(ALICE, await store.mover.find(ALICE));
    await store.mover.leave(ALICE, erasure, movedTo);
    await store.mover.leave(ALICE, { at: NOW, tokenHashes: [] }, movedTo);
    expect(await store.find(ALICE)).toEqual({ erasure, revocation: "no_token", movedTo });
    await expect(upsert()).rejects.toMatchObject({ reason: "erased_user" });
    const anew = await upsert(ALICE, NOW + 60_000);
    expect([anew.version, anew.attributes]).toEqual([1, {}]);
  });

  test("a record comes whole to where there was none", async () => {
    const user: User = {
      sub: BOB,
      claims: { name: "Alice" },
      createdAt: NOW - 5,
      updatedAt: NOW,
      version: 1,
      attributes: { theme: "dark", deep: { constructor: { name: "String" } } },
      userinfo: { claims: { email: "a@example.com" }, at: NOW - 1 },
      claimsIssuedAt: NOW - 60_000,
      claimsTokenHash: "hash-old",
    };
    const signedOut = { at: NOW - 7, tokenHashes: ["hash-2"] };
    const all = { erasure, signedOut, revocation: "no_token" as const };
    const nobody = await store.mover.find(BOB);
    expect(await store.mover.merge({ user, movedFrom, cutoffs: all }, nobody)).toBe(true);
    expect(await store.find(BOB)).toEqual({ user, movedFrom, ...all });
    expect(await store.mover.merge({ user, movedFrom, cutoffs }, nobody)).toBe(false);
  });

  test("a record is merged into the one that was seen, and into no other", async () => {
    await upsert(BOB);
    const seen = await store.mover.find(BOB);
    const own = await upsert(BOB, NOW + 1_000);
    const user = { ...own, attributes: { theme: "dark" }, version: 3 };
    const merge = { user, movedFrom, cutoffs };
    expect(await store.mover.merge(merge, seen)).toBe(false);
    expect(await store.mover.merge(merge, await store.mover.find(BOB))).toBe(true);
    expect(await store.find(BOB)).toEqual({ user, movedFrom });
    const later = await upsert(BOB, NOW + 2_000);
    expect([later.attributes, later.version]).toEqual([{ theme: "dark" }, 4]);
    expect(await store.find(BOB)).toMatchObject({ movedFrom });
    await store.begin(BOB, await store.find(BOB), erasure);
    expect(await store.find(BOB)).toEqual({ erasure });
  });

  test("nothing is merged into a locked item", async () => {
    const user = await upsert(BOB);
    await store.mover.lock(BOB, await store.mover.find(BOB));
    const seen = await store.mover.find(BOB);
    expect(await store.mover.merge({ user, movedFrom, cutoffs }, seen)).toBe(false);
  });
}
