import { evidenceOf, type VerifiedIdToken } from "../../lambda/model";
import type { UserEraser, UserStore } from "../../lambda/ports/stores";
import { ALICE, BOB, NOW } from "../support/tokens";

function idToken(overrides: Partial<VerifiedIdToken> = {}): VerifiedIdToken {
  return {
    sub: ALICE,
    issuedAt: NOW - 10_000,
    expiresAt: NOW + 3_590_000,
    claims: { name: "Alice" },
    tokenHash: "hash-1",
    ...overrides,
  };
}

/** What the use cases rely on, whoever implements it. */
export function userStoreContract(createStore: () => Promise<UserStore & UserEraser>): void {
  let store: UserStore & UserEraser;

  beforeEach(async () => {
    store = await createStore();
  });

  async function upsert(token: VerifiedIdToken, now: number) {
    return await store.upsert(token, evidenceOf(token), now);
  }

  async function userOf(sub: string) {
    return (await store.find(sub)).user;
  }

  test("a user who is not there is not found", async () => {
    expect(await store.find(ALICE)).toEqual({});
  });

  test("the first write creates the user, at version 1", async () => {
    const expected = {
      sub: ALICE,
      claims: { name: "Alice" },
      attributes: {},
      createdAt: NOW,
      updatedAt: NOW,
      claimsIssuedAt: NOW - 10_000,
      claimsTokenHash: "hash-1",
      version: 1,
    };
    expect(await upsert(idToken(), NOW)).toEqual({ user: expected, created: true });
    expect(await userOf(ALICE)).toEqual(expected);
  });

  test("the next write keeps when the user was created, and replaces the claims", async () => {
    await upsert(idToken(), NOW);
    const newer = idToken({ issuedAt: NOW, claims: { picture: "https://a.example/" } });
    const { user, created } = await upsert(newer, NOW + 5_000);
    expect(created).toBe(false);
    expect(user).toMatchObject({
      claims: { picture: "https://a.example/" },
      createdAt: NOW,
      updatedAt: NOW + 5_000,
      version: 2,
    });
  });

  test("S24: an older token never overwrites newer claims, and gets the stored user", async () => {
    const { user: stored } = await upsert(idToken({ issuedAt: NOW }), NOW);
    const older = idToken({ issuedAt: NOW - 1_000, claims: { name: "Old" } });
    expect(await upsert(older, NOW + 5_000)).toEqual({ user: stored, created: false });
    expect(await userOf(ALICE)).toEqual(stored);
  });

  test("the same token again is no older one", async () => {
    await upsert(idToken(), NOW);
    expect((await upsert(idToken(), NOW + 1)).user.version).toBe(2);
  });

  test("S25: fifty first sign-ins at once make one user, and one of them made it", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => upsert(idToken(), NOW)));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect((await userOf(ALICE))?.version).toBe(50);
  });

  test("attributes are put under the version that was read, beside claims that stay", async () => {
    const { user } = await upsert(idToken(), NOW);
    const attributes = {
      theme: "dark",
      nested: { list: [1, "two", null, { three: 3.5 }] },
      empty: {},
    };
    const changed = await store.putAttributes(user, attributes, NOW + 1_000);
    expect(changed).toEqual({ ...user, attributes, updatedAt: NOW + 1_000, version: 2 });
    expect(await userOf(ALICE)).toEqual(changed);
    const signedIn = await upsert(idToken({ issuedAt: NOW }), NOW + 2_000);
    expect(signedIn.user).toMatchObject({ attributes, version: 3 });
  });

  test("what userinfo said is put under the version that was read, beside claims and attributes", async () => {
    const { user } = await upsert(idToken(), NOW);
    const userinfo = { claims: { accounts: [{ type: "email" }] }, at: NOW + 700 };
    const changed = await store.putUserinfo(user, userinfo, NOW + 1_000);
    expect(changed).toEqual({ ...user, userinfo, updatedAt: NOW + 1_000, version: 2 });
    expect(await store.putUserinfo(user, userinfo, NOW)).toBeUndefined();
    expect(await userOf(ALICE)).toEqual(changed);
    const { user: later } = await upsert(idToken({ issuedAt: NOW }), NOW + 2_000);
    expect(later.userinfo).toEqual(userinfo);
  });

  test("of ten who put attributes under one version, one does", async () => {
    const { user } = await upsert(idToken(), NOW);
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => store.putAttributes(user, { n }, NOW)),
    );
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
  });

  test("S22: one user's write does not touch another", async () => {
    await upsert(idToken(), NOW);
    await upsert(idToken({ sub: BOB, claims: { name: "Bob" } }), NOW);
    expect((await userOf(ALICE))?.claims).toEqual({ name: "Alice" });
    expect((await userOf(BOB))?.claims).toEqual({ name: "Bob" });
  });

  describe("signing out everywhere", () => {
    const signedOut = { at: NOW + 500, tokenHashes: ["hash-1"] };

    async function signOut(at = signedOut) {
      const { user } = await store.find(ALICE);
      return user !== undefined && (await store.signOut(user, at));
    }

    test("is kept beside everything else, as a write of its own", async () => {
      const { user } = await upsert(idToken(), NOW);
      expect(await signOut()).toBe(true);
      expect(await store.find(ALICE)).toEqual({ user: { ...user, version: 2 }, signedOut });
    });

    test("does nothing where the user has another version by now", async () => {
      const { user } = await upsert(idToken(), NOW);
      await upsert(idToken(), NOW + 1);
      expect(await store.signOut(user, signedOut)).toBe(false);
      expect((await store.find(ALICE)).signedOut).toBeUndefined();
    });

    test.each([
      ["from the second before", idToken({ issuedAt: NOW - 1_000, tokenHash: "unknown" })],
      ["known at the time, whatever it says of its age", idToken({ issuedAt: NOW + 60_000 })],
    ])("an ID token %s writes nothing any more", async (_, token) => {
      await upsert(idToken(), NOW);
      await signOut();
      const before = await store.find(ALICE);
      await expect(upsert(token, NOW + 1_000)).rejects.toMatchObject({ reason: "signed_out" });
      expect(await store.find(ALICE)).toEqual(before);
    });

    test("what came by a code after it works at once, also where the provider says the same as before", async () => {
      await upsert(idToken(), NOW);
      await signOut();
      const evidence = { sub: ALICE, at: NOW + 600, tokenHash: undefined };
      expect(await store.upsert(idToken(), evidence, NOW + 700)).toMatchObject({ signedOut });
      const early = { ...evidence, at: NOW + 500 };
      await expect(store.upsert(idToken(), early, NOW + 700)).rejects.toMatchObject({
        reason: "signed_out",
      });
    });

    test("a newer ID token works at once, and leaves the mark where it is", async () => {
      await upsert(idToken(), NOW);
      await signOut();
      const newer = idToken({ issuedAt: NOW + 1_000, tokenHash: "hash-2" });
      expect(await upsert(newer, NOW + 1_500)).toMatchObject({ created: false, signedOut });
      await expect(upsert(idToken(), NOW + 2_000)).rejects.toMatchObject({ reason: "signed_out" });
      const older = idToken({ issuedAt: NOW + 900, tokenHash: "hash-3" });
      expect(await upsert(older, NOW + 2_000)).toMatchObject({ created: false, signedOut });
    });

    test("a later one takes the place of an earlier one; an erasure takes the item's", async () => {
      await upsert(idToken(), NOW);
      await signOut();
      const later = { at: NOW + 900, tokenHashes: ["hash-1", "hash-2"] };
      await signOut(later);
      expect((await store.find(ALICE)).signedOut).toEqual(later);
      const erasure = { at: NOW + 1_000, tokenHashes: later.tokenHashes };
      expect(await store.begin(ALICE, await store.find(ALICE), erasure)).toBe(true);
      expect(await store.find(ALICE)).toEqual({ erasure });
    });
  });

  describe("erasing", () => {
    const erasure = { at: NOW + 500, tokenHashes: ["hash-1"] };

    async function erase() {
      return await store.begin(ALICE, await store.find(ALICE), erasure);
    }

    test("leaves nothing but the time, the tokens known by then, and that it is unfinished", async () => {
      await upsert(idToken(), NOW);
      expect(await erase()).toBe(true);
      expect(await store.find(ALICE)).toEqual({ erasure });
      await store.finish(ALICE, erasure, "revoked");
      expect(await store.find(ALICE)).toEqual({ erasure, revocation: "revoked" });
    });

    test("of somebody who was never there leaves the same", async () => {
      expect(await erase()).toBe(true);
      expect(await store.find(ALICE)).toEqual({ erasure });
    });

    test("does nothing where the item is not as it was seen", async () => {
      const nobody = await store.find(ALICE);
      await upsert(idToken(), NOW);
      const seen = await store.find(ALICE);
      await upsert(idToken(), NOW + 1);
      expect(await store.begin(ALICE, nobody, erasure)).toBe(false);
      expect(await store.begin(ALICE, seen, erasure)).toBe(false);
      expect((await userOf(ALICE))?.version).toBe(2);
    });

    test.each([
      ["from the second before", idToken({ issuedAt: NOW - 1_000, tokenHash: "unknown" })],
      ["known at the time, whatever it says of its age", idToken({ issuedAt: NOW + 60_000 })],
    ])("an ID token %s creates nothing any more", async (_, token) => {
      await upsert(idToken(), NOW);
      await erase();
      await expect(upsert(token, NOW + 1_000)).rejects.toMatchObject({ reason: "erased_user" });
      expect(await store.find(ALICE)).toEqual({ erasure });
    });

    test.each([NOW, NOW + 1_000])("another ID token, of %d, starts anew", async (issuedAt) => {
      await upsert(idToken(), NOW);
      await erase();
      const {
        user,
        created,
        erasure: known,
      } = await upsert(idToken({ issuedAt, tokenHash: "hash-2" }), NOW + 1_000);
      expect([created, user.version, user.attributes]).toEqual([true, 1, {}]);
      expect(known).toEqual(erasure);
      await expect(upsert(idToken(), NOW + 2_000)).rejects.toMatchObject({ reason: "erased_user" });
    });

    test("is no longer finished by an older one once there is another", async () => {
      await erase();
      const later = { at: NOW + 900, tokenHashes: [] };
      expect(await store.begin(ALICE, await store.find(ALICE), later)).toBe(true);
      await store.finish(ALICE, erasure, "revoked");
      expect(await store.find(ALICE)).toEqual({ erasure: later });
    });

    test("attributes under a version from before are not put", async () => {
      const { user } = await upsert(idToken(), NOW);
      await erase();
      expect(await store.putAttributes(user, { a: 1 }, NOW)).toBeUndefined();
    });
  });
}
