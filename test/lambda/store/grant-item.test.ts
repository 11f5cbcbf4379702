import fc from "fast-check";
import { UnavailableError } from "../../../lambda/errors";
import type { ActiveGrant, Grant, GrantRow } from "../../../lambda/grant/grant";
import { toGrant, toItem } from "../../../lambda/store/grant-item";
import { SCHEMA_VERSION } from "../../../lambda/store/schema-version";
import { sampleGrant } from "../../contract/grant-store.contract";
import { rowOf } from "../../support/rows";
import { NOW } from "../../support/tokens";

const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
const sealed = fc.record({
  ciphertext: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  gen: fc.nat(),
});
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** What every row has. */
const row = fc.record({
  sub: fc.string({ minLength: 1 }),
  grantId: fc.uuid(),
  revision: fc.nat(),
  since: time,
  inbox: fc.array(sealed, { maxLength: 3 }),
  lastExchangeAt: optional(time),
  scopes: optional(fc.array(fc.string(), { maxLength: 3 })),
  notIssuedAt: optional(time),
  frozenAt: optional(time),
  erasure: optional(fc.record({ at: time, tokenHashes: fc.array(fc.string(), { maxLength: 2 }) })),
  signedOut: optional(
    fc.record({ at: time, tokenHashes: fc.array(fc.string(), { maxLength: 2 }) }),
  ),
  history: fc.array(
    fc.oneof(
      fc.record({
        at: time,
        by: fc.string(),
        outcome: fc.constantFrom("stored", "exchanged", "served", "failed", "disconnected"),
      }),
      fc.record({
        at: time,
        by: fc.string(),
        outcome: fc.constant("scope_changed" as const),
        gained: fc.array(fc.string(), { maxLength: 2 }),
        lost: fc.array(fc.string(), { maxLength: 2 }),
      }),
    ),
    { maxLength: 5 },
  ),
});

const active: fc.Arbitrary<Omit<ActiveGrant, keyof GrantRow>> = fc.record({
  status: fc.constant("active" as const),
  refreshToken: sealed,
  accessToken: optional(
    fc
      .tuple(sealed, time, fc.uuid())
      .map(([secret, expiresAt, obtainedBy]) => ({ ...secret, expiresAt, obtainedBy })),
  ),
  lease: optional(fc.record({ owner: fc.uuid(), expiresAt: time, takenOver: fc.boolean() })),
  cooldown: optional(
    fc.record({
      until: time,
      cause: fc.constantFrom("idp_unavailable", "idp_protocol", "client_rejected"),
      failures: fc.nat(),
    }),
  ),
});

const ended = fc.constantFrom("disconnected" as const, "erased" as const);
const states = fc.oneof(
  active,
  fc.record({
    status: fc.constant("needs_sign_in" as const),
    reason: fc.constantFrom("refresh_token_refused" as const, "in_doubt", "foreign_subject"),
    refreshToken: sealed,
  }),
  fc.record({ status: fc.constant("disconnecting" as const), reason: ended, refreshToken: sealed }),
  fc.record({ status: fc.constant("disconnected" as const), reason: optional(ended) }),
);

const grants: fc.Arbitrary<Grant> = fc
  .tuple(row, states)
  .map(([each, state]) => ({ ...each, ...state }));

function itemOf(grant: Grant): Record<string, unknown> {
  const { sub, revision } = grant;
  const all = { ...toItem(grant), sub, revision, schemaVersion: SCHEMA_VERSION };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

test("every grant is read as it was written, to the millisecond", () => {
  fc.assert(
    fc.property(grants, (grant) => {
      expect(toGrant(itemOf(grant))).toEqual(grant);
    }),
  );
});

test.each([
  ["an active grant without a refresh token", { status: "active", refreshToken: undefined }],
  ["a refusal without a reason", { status: "needs_sign_in", reason: undefined }],
  ["a refusal with a reason of an end", { status: "needs_sign_in", reason: "erased" }],
])("%s is not whole: its user is asked to sign in", (_, change) => {
  const grant = toGrant({ ...itemOf(sampleGrant()), ...change });
  expect(grant).toMatchObject({ status: "needs_sign_in", reason: "in_doubt" });
  expect(grant.revision).toBeLessThan(0);
});

test("what a status cannot have is not read", () => {
  const lease = { owner: "holder", expiresAt: NOW, takenOver: false };
  const item = { ...itemOf(sampleGrant({ lease })), status: "needs_sign_in", reason: "in_doubt" };
  expect(toGrant(item)).toEqual(rowOf(sampleGrant(), { status: "needs_sign_in" }));
});

test("an active item whose only tokens are in the inbox has the newest of them", () => {
  const [older, newer] = [4, 5].map((gen) => ({ ciphertext: new Uint8Array([gen]), gen }));
  const item = { ...itemOf(sampleGrant()), refreshToken: undefined };
  const grant = toGrant({ ...item, inbox: [newer, older] });
  expect(grant).toMatchObject({ status: "active", refreshToken: newer, inbox: [newer, older] });
});

test.each([{}, { history: 1 }])(
  "a tombstone with a secret is one that is still to be revoked, also where %j is damaged",
  (damage) => {
    const { refreshToken, ...item } = itemOf(sampleGrant());
    const end = { status: "disconnected", reason: "disconnected", accessToken: undefined };
    const tombstone = { ...item, ...end };
    expect(toGrant({ ...tombstone, refreshToken, ...damage })).toMatchObject({
      status: "disconnecting",
      reason: "disconnected",
      refreshToken,
    });
    expect(toGrant(tombstone)).not.toHaveProperty("refreshToken.gen");
  },
);

test("an item without what its status needs says so to the operator", () => {
  const item = { ...itemOf(sampleGrant()), refreshToken: undefined, inbox: [] };
  expect(toGrant(item)).toMatchObject({
    status: "needs_sign_in",
    reason: "in_doubt",
    unreadable: ["status"],
  });
});

test("S36: of a secret nothing but its ciphertext is there: bytes, not text", () => {
  fc.assert(
    fc.property(grants, (grant) => {
      const { refreshToken, accessToken } = toItem(grant) as Partial<Grant>;
      expect(Object.keys(refreshToken ?? {}).sort()).toEqual(
        refreshToken ? ["ciphertext", "gen"] : [],
      );
      expect(Object.keys(accessToken ?? {}).sort()).toEqual(
        accessToken ? ["ciphertext", "expiresAt", "gen", "obtainedBy"] : [],
      );
    }),
  );
});

/** Nothing is exchanged for it, whatever it says. */
function expectDamaged(item: Record<string, unknown>, name: string): void {
  const { status, accessToken, lease, cooldown, revision, unreadable } = toGrant(item);
  expect(status).not.toBe("active");
  expect([accessToken, lease, cooldown]).toEqual([undefined, undefined, undefined]);
  expect(revision).toBeLessThan(0);
  expect(unreadable).toEqual([name]);
}

test("an item that is not quite one of ours is never of use, whichever attribute is wrong", () => {
  fc.assert(
    fc.property(grants, fc.nat(), (grant, pick) => {
      const item = itemOf(grant);
      // Derived, for the index alone: never read. The others are not known where they are wrong.
      const others = ["listKey", "scopes", "notIssuedAt"];
      const names = Object.keys(item).filter((name) => !others.includes(name));
      const name = names[pick % names.length] ?? "sub";
      if (name !== "sub") {
        expectDamaged({ ...item, [name]: Symbol("wrong") }, name);
      }
    }),
  );
});

test.each(["schemaVersion", "grantId", "revision", "status", "since", "inbox", "history"])(
  "an item without %s is damaged",
  (name) => {
    const [grant] = fc.sample(grants, { numRuns: 1, seed: 1 });
    const item = itemOf(grant as Grant);
    const without = Object.fromEntries(Object.entries(item).filter(([key]) => key !== name));
    expectDamaged(without, name);
  },
);

test.each([2, 1e6])("S58: an item of version %d is never guessed at", (schemaVersion) => {
  const [grant] = fc.sample(grants, { numRuns: 1, seed: 1 });
  expect(() => toGrant({ ...itemOf(grant as Grant), schemaVersion })).toThrow(
    new UnavailableError("unknown_schema_version"),
  );
});

test("what keeps others out is there even where it cannot be read", () => {
  const item = { ...itemOf(sampleGrant()), frozenAt: 1, erasure: "x" };
  expect(toGrant(item)).toMatchObject({
    frozenAt: NOW,
    erasure: { at: NOW, tokenHashes: [] },
    status: "needs_sign_in",
    reason: "in_doubt",
    grantId: "grant-1",
    unreadable: ["frozenAt", "erasure"],
  });
});

test.each([
  ["disconnecting", undefined, "disconnected"],
  ["disconnected", undefined, "disconnected"],
  ["disconnecting", { at: NOW, tokenHashes: [] }, "erased"],
] as const)("one that was %s, erased by %j, stays so", (status, erasure, reason) => {
  const item = { ...itemOf(rowOf(sampleGrant(), { status, erasure })), history: 1 };
  expect(toGrant(item)).toMatchObject({ status, reason, history: [] });
});

test("two damaged items have two revisions, and one has the same each time", () => {
  const item = { ...itemOf(sampleGrant()), history: 1 };
  const revisions = ["a", "b", "a"].map((writeId) => toGrant({ ...item, writeId }).revision);
  expect(revisions[0]).toBe(revisions[2]);
  expect(revisions[0]).not.toBe(revisions[1]);
});

test("S58: a row of failures is told as a member that the version before keeps and does not read", () => {
  const failing = { since: 1_800_000_000_000, attempts: 3, isTold: true };
  const cooldown = {
    until: 1_800_000_000_001,
    cause: "idp_protocol",
    failures: 4,
    failing,
  } as const;
  const item = itemOf(sampleGrant({ cooldown }));
  expect(item["cooldown"]).toEqual({
    ...cooldown,
    until: "2027-01-15T08:00:00.001Z",
    failing: { ...failing, since: "2027-01-15T08:00:00.000Z" },
  });
  expect(toGrant(item).cooldown).toEqual(cooldown);
  const before = { ...(item["cooldown"] as object), failing: undefined };
  expect(toGrant({ ...item, cooldown: before }).cooldown).toEqual({
    ...cooldown,
    failing: undefined,
  });
});

describe("granted scopes", () => {
  const scopes = ["openid", "email"];

  test("S58: a version that does not know them leaves them beside the next grant; they are not its", () => {
    const item = itemOf(sampleGrant({ scopes }));
    expect(item["scopes"]).toEqual({ of: sampleGrant().grantId, names: scopes });
    expect(toGrant(item).scopes).toEqual(scopes);
    expect(toGrant({ ...item, grantId: "another" }).scopes).toBeUndefined();
  });

  test("an item from before has none, and damaged ones do not damage the grant", () => {
    const before = itemOf(sampleGrant());
    expect(before["scopes"]).toBeUndefined();
    expect(toGrant(before)).toEqual(sampleGrant());
    for (const damaged of ["openid", 7, { of: 7, names: scopes }, { of: "x", names: [7] }]) {
      const grant = toGrant({ ...before, scopes: damaged, notIssuedAt: "never" });
      expect(grant).toEqual(sampleGrant());
    }
  });

  test("S58: a change lies in the store as an outcome that earlier versions know", () => {
    const entry = { at: NOW, by: "POST /me/access-token", gained: ["a"], lost: [] };
    const grant = sampleGrant({ history: [{ ...entry, outcome: "scope_changed" }] });
    const item = itemOf(grant);
    expect(item["history"]).toMatchObject([{ outcome: "exchanged", gained: ["a"], lost: [] }]);
    expect(toGrant(item).history).toEqual(grant.history);
  });
});

test("a time that no clock shows is no time", () => {
  const [grant] = fc.sample(grants, { numRuns: 1, seed: 1 });
  const item = { ...itemOf(grant as Grant), since: "2026-13-45T00:00:00.000Z" };
  expectDamaged(item, "since");
});
