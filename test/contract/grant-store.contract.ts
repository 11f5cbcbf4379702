import type { ActiveGrant, Grant } from "../../lambda/grant/grant";
import type { GrantStore } from "../../lambda/ports/stores";
import { GRANT_LASTING, type LastingAttribute } from "../../lambda/store/lasting-attributes";
import { ALICE, BOB, NOW } from "../support/tokens";

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

export function sampleGrant(overrides: Partial<ActiveGrant> = {}): ActiveGrant {
  return {
    sub: ALICE,
    grantId: "grant-1",
    revision: 0,
    status: "active",
    since: NOW,
    refreshToken: { ciphertext: bytes("sealed refresh token"), gen: 1 },
    inbox: [],
    history: [{ at: NOW, by: "PUT /me/refresh-token", outcome: "stored" }],
    ...overrides,
  };
}

const FULL = sampleGrant({
  accessToken: { ciphertext: bytes("at"), gen: 2, expiresAt: NOW + 1, obtainedBy: "owner" },
  lease: { owner: "owner", expiresAt: NOW + 17_000, takenOver: true },
  inbox: [{ ciphertext: bytes("late"), gen: 3 }],
  cooldown: { until: NOW + 2_000, cause: "idp_unavailable", failures: 2 },
  lastExchangeAt: NOW,
});

/** One table, as a writer that may change these lasting members gets it. */
type StoreAs = (lasting: readonly LastingAttribute[]) => GrantStore;

/** What the refresh protocol relies on, whoever implements it. */
export function grantStoreContract(createStore: () => Promise<StoreAs>): void {
  let storeAs: StoreAs;
  let store: GrantStore;

  beforeEach(async () => {
    storeAs = await createStore();
    store = storeAs([]);
  });

  test("a grant that is not there is not found", async () => {
    expect(await store.read(ALICE)).toBeUndefined();
  });

  test("what is written is read, every member of it, at the next revision", async () => {
    const result = await store.write(FULL, 0);
    expect(result).toMatchObject({ written: true, grant: { revision: 1 } });
    expect(plain(await store.read(ALICE))).toEqual(plain({ ...FULL, revision: 1 }));
  });

  test("granted scopes are kept with their grant, and leave with it; so does a note of a sign-in", async () => {
    const entry = { at: NOW, by: "POST /me/access-token", outcome: "scope_changed" } as const;
    const known = sampleGrant({
      scopes: ["openid", "https://api.example/read"],
      notIssuedAt: NOW + 1,
      history: [{ ...entry, gained: ["https://api.example/read"], lost: ["email"] }],
    });
    await store.write(known, 0);
    expect(plain(await store.read(ALICE))).toEqual(plain({ ...known, revision: 1 }));
    await store.write(sampleGrant({ grantId: "next" }), 1);
    const next = await store.read(ALICE);
    expect([next?.scopes, next?.notIssuedAt]).toEqual([undefined, undefined]);
  });

  test("what the next write lacks is gone", async () => {
    await store.write(FULL, 0);
    await store.write(sampleGrant(), 1);
    expect(plain(await store.read(ALICE))).toEqual(plain({ ...sampleGrant(), revision: 2 }));
  });

  test.each([0, 2, 99])(
    "a write that expects revision %p of a row at 1 changes nothing and gets the row",
    async (expected) => {
      await store.write(sampleGrant(), 0);
      const result = await store.write(sampleGrant({ grantId: "other" }), expected);
      expect(result).toMatchObject({
        written: false,
        current: { grantId: "grant-1", revision: 1 },
      });
      expect((await store.read(ALICE))?.grantId).toBe("grant-1");
    },
  );

  test("a write that expects a row where there is none changes nothing", async () => {
    expect(await store.write(sampleGrant(), 1)).toEqual({ written: false, current: undefined });
    expect(await store.read(ALICE)).toBeUndefined();
  });

  test("S44: of 200 writers that expect the same revision exactly one writes", async () => {
    await store.write(sampleGrant(), 0);
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        store.write(sampleGrant({ grantId: `grant-${String(at)}` }), 1),
      ),
    );
    expect(results.filter(({ written }) => written)).toHaveLength(1);
    expect((await store.read(ALICE))?.revision).toBe(2);
  });

  describe("what outlives whatever becomes of a grant", () => {
    const frozen = { frozenAt: NOW + 1 };
    const erased = { erasure: { at: NOW + 2, tokenHashes: ["hash"] } };
    const marked = { ...frozen, ...erased };
    const unmarked = { frozenAt: undefined, erasure: undefined };

    test.each<[string, readonly LastingAttribute[], Partial<ActiveGrant>, Partial<ActiveGrant>]>([
      ["sets none", [], marked, unmarked],
      ["sets erasures alone", ["erasure"], marked, { ...unmarked, ...erased }],
      ["sets both", GRANT_LASTING, marked, marked],
    ])("a writer %s that may change %j", async (_, lasting, next, expected) => {
      await store.write(sampleGrant(), 0);
      await storeAs(lasting).write(sampleGrant({ ...next, grantId: "next" }), 1);
      expect(plain(await store.read(ALICE))).toEqual(
        plain({ ...sampleGrant(), ...expected, grantId: "next", revision: 2 }),
      );
    });

    test.each<[string, readonly LastingAttribute[], Partial<ActiveGrant>]>([
      ["takes none away", [], marked],
      ["takes erasures alone away", ["erasure"], { ...marked, erasure: undefined }],
      ["takes both away", GRANT_LASTING, unmarked],
    ])("a writer %s that may change %j", async (_, lasting, expected) => {
      await storeAs(GRANT_LASTING).write(sampleGrant(marked), 0);
      await storeAs(lasting).write(sampleGrant({ ...unmarked, grantId: "next" }), 1);
      expect(plain(await store.read(ALICE))).toEqual(
        plain({ ...sampleGrant(), ...expected, grantId: "next", revision: 2 }),
      );
    });

    test("a row that a function makes is neither frozen nor marked, whatever it says", async () => {
      await store.write(sampleGrant(marked), 0);
      expect(plain(await store.read(ALICE))).toEqual(plain(sampleGrant({ revision: 1 })));
    });
  });

  test("S22: one user's write does not touch another", async () => {
    await store.write(sampleGrant(), 0);
    await store.write(sampleGrant({ sub: BOB, grantId: "grant-b" }), 0);
    expect((await store.read(ALICE))?.grantId).toBe("grant-1");
    expect((await store.read(BOB))?.grantId).toBe("grant-b");
  });
}

/** Bytes compare as text, and an absent member as no member. */
function plain(grant: Grant | undefined): unknown {
  return JSON.parse(
    JSON.stringify(grant, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
    ).replace(/\{"type":"Buffer","data":\[([\d,]*)\]\}/g, (_, list: string) =>
      JSON.stringify(Buffer.from(list.split(",").map(Number)).toString("base64")),
    ),
  );
}
