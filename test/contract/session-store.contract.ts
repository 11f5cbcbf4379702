import type { Session } from "../../lambda/model";
import type { SessionStore } from "../../lambda/ports/stores";
import { ALICE, BOB, NOW } from "../support/tokens";

export function sampleSession(overrides: Partial<Session> = {}): Session {
  return {
    tokenHash: "hash-1",
    id: "session-1",
    sub: ALICE,
    openedBy: { at: NOW - 10_000, tokenHash: "hash" },
    createdAt: NOW,
    lastSeenAt: NOW,
    idleExpiresAt: NOW + 100_000,
    expiresAt: NOW + 1_000_000,
    userAgent: "Firefox",
    ...overrides,
  };
}

/** What the use cases rely on, whoever implements it. */
export function sessionStoreContract(createStore: () => Promise<SessionStore>): void {
  let store: SessionStore;

  beforeEach(async () => {
    store = await createStore();
  });

  test("a session that is not there is not found", async () => {
    expect(await store.find("hash-1")).toBeUndefined();
  });

  test("what is created is found by its hash, every member of it", async () => {
    await store.create(sampleSession());
    expect(await store.find("hash-1")).toEqual(sampleSession());
  });

  test("touching moves last seen and idle limit, and nothing else", async () => {
    await store.create(sampleSession());
    const touched = { lastSeenAt: NOW + 1_000, idleExpiresAt: NOW + 101_000 };
    await store.touch(sampleSession({ ...touched, sub: BOB }));
    expect(await store.find("hash-1")).toEqual(sampleSession(touched));
  });

  test("touching does not bring back what has ended", async () => {
    await store.create(sampleSession());
    await store.end("hash-1");
    await store.touch(sampleSession());
    expect(await store.find("hash-1")).toBeUndefined();
  });

  test("ending twice is harmless", async () => {
    await store.create(sampleSession());
    await store.end("hash-1");
    await store.end("hash-1");
    expect(await store.find("hash-1")).toBeUndefined();
  });

  test("S22: a user's list has their sessions and nobody else's", async () => {
    await store.create(sampleSession());
    await store.create(sampleSession({ tokenHash: "hash-2", id: "session-2" }));
    await store.create(sampleSession({ tokenHash: "hash-3", id: "session-3", sub: BOB }));
    const { entries, next } = await store.page(ALICE, { limit: 10, after: undefined });
    expect(entries.map(({ session }) => session?.id).sort()).toEqual(["session-1", "session-2"]);
    expect(entries.map(({ tokenHash }) => tokenHash).sort()).toEqual(["hash-1", "hash-2"]);
    expect(next).toBeUndefined();
  });

  test("a listed session has every member that it has by itself", async () => {
    await store.create(sampleSession());
    const { entries } = await store.page(ALICE, { limit: 10, after: undefined });
    expect(entries).toEqual([{ tokenHash: "hash-1", session: sampleSession() }]);
  });

  test("pages have each session once, also when those of the page before have ended meanwhile", async () => {
    const hashes = Array.from({ length: 25 }, (_, n) => `hash-${String(n)}`);
    for (const tokenHash of hashes) {
      await store.create(sampleSession({ tokenHash, id: tokenHash }));
    }
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const { entries, next } = await store.page(ALICE, { limit: 10, after });
      expect(entries.length).toBeLessThanOrEqual(10);
      await Promise.all(entries.map(({ tokenHash }) => store.end(tokenHash)));
      seen.push(...entries.map(({ tokenHash }) => tokenHash));
      after = next;
    } while (after !== undefined);
    expect(seen.sort()).toEqual(hashes.sort());
    expect((await store.page(ALICE, { limit: 10, after: undefined })).entries).toEqual([]);
  });
}
