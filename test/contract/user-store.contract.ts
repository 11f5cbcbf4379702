import type { VerifiedIdToken } from "../../lambda/model";
import type { UserStore } from "../../lambda/ports";
import { ALICE, BOB, NOW } from "../support/tokens";

function idToken(overrides: Partial<VerifiedIdToken> = {}): VerifiedIdToken {
  return {
    sub: ALICE,
    issuedAt: NOW - 10_000,
    expiresAt: NOW + 3_590_000,
    claims: { name: "Alice" },
    ...overrides,
  };
}

/** What the use cases rely on, whoever implements it. */
export function userStoreContract(createStore: () => Promise<UserStore>): void {
  let store: UserStore;

  beforeEach(async () => {
    store = await createStore();
  });

  test("a user who is not there is not found", async () => {
    expect(await store.find(ALICE)).toBeUndefined();
  });

  test("the first write creates the user, at version 1", async () => {
    const expected = {
      sub: ALICE,
      claims: { name: "Alice" },
      attributes: {},
      createdAt: NOW,
      updatedAt: NOW,
      claimsIssuedAt: NOW - 10_000,
      version: 1,
    };
    expect(await store.upsert(idToken(), NOW)).toEqual({ user: expected, created: true });
    expect(await store.find(ALICE)).toEqual(expected);
  });

  test("the next write keeps when the user was created, and replaces the claims", async () => {
    await store.upsert(idToken(), NOW);
    const newer = idToken({ issuedAt: NOW, claims: { picture: "https://a.example/" } });
    const { user, created } = await store.upsert(newer, NOW + 5_000);
    expect(created).toBe(false);
    expect(user).toMatchObject({
      claims: { picture: "https://a.example/" },
      createdAt: NOW,
      updatedAt: NOW + 5_000,
      version: 2,
    });
  });

  test("S24: an older token never overwrites newer claims, and gets the stored user", async () => {
    const { user: stored } = await store.upsert(idToken({ issuedAt: NOW }), NOW);
    const older = idToken({ issuedAt: NOW - 1_000, claims: { name: "Old" } });
    expect(await store.upsert(older, NOW + 5_000)).toEqual({ user: stored, created: false });
    expect(await store.find(ALICE)).toEqual(stored);
  });

  test("the same token again is no older one", async () => {
    await store.upsert(idToken(), NOW);
    expect((await store.upsert(idToken(), NOW + 1)).user.version).toBe(2);
  });

  test("S25: fifty first sign-ins at once make one user, and one of them made it", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => store.upsert(idToken(), NOW)),
    );
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect((await store.find(ALICE))?.version).toBe(50);
  });

  test("attributes are put under the version that was read, beside claims that stay", async () => {
    const { user } = await store.upsert(idToken(), NOW);
    const attributes = {
      theme: "dark",
      nested: { list: [1, "two", null, { three: 3.5 }] },
      empty: {},
    };
    const changed = await store.putAttributes(user, attributes, NOW + 1_000);
    expect(changed).toEqual({ ...user, attributes, updatedAt: NOW + 1_000, version: 2 });
    expect(await store.find(ALICE)).toEqual(changed);
    const signedIn = await store.upsert(idToken({ issuedAt: NOW }), NOW + 2_000);
    expect(signedIn.user).toMatchObject({ attributes, version: 3 });
  });

  test("of ten who put attributes under one version, one does", async () => {
    const { user } = await store.upsert(idToken(), NOW);
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => store.putAttributes(user, { n }, NOW)),
    );
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
  });

  test("S22: one user's write does not touch another", async () => {
    await store.upsert(idToken(), NOW);
    await store.upsert(idToken({ sub: BOB, claims: { name: "Bob" } }), NOW);
    expect((await store.find(ALICE))?.claims).toEqual({ name: "Alice" });
    expect((await store.find(BOB))?.claims).toEqual({ name: "Bob" });
  });
}
