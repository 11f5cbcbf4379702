import fc from "fast-check";
import { UnavailableError } from "../../../lambda/errors";
import type { Grant } from "../../../lambda/model";
import { SCHEMA_VERSION, toGrant, toItem } from "../../../lambda/store/grant-item";

const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
const sealed = fc.record({
  ciphertext: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  gen: fc.nat(),
});
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const grants: fc.Arbitrary<Grant> = fc.record({
  sub: fc.string({ minLength: 1 }),
  grantId: fc.uuid(),
  revision: fc.nat(),
  status: fc.constantFrom("active", "needs_sign_in", "disconnecting", "disconnected"),
  since: time,
  reason: optional(fc.constantFrom("refresh_token_refused", "in_doubt", "disconnected", "erased")),
  refreshToken: optional(sealed),
  accessToken: optional(
    fc
      .tuple(sealed, time, fc.uuid())
      .map(([secret, expiresAt, obtainedBy]) => ({ ...secret, expiresAt, obtainedBy })),
  ),
  lease: optional(fc.record({ owner: fc.uuid(), expiresAt: time, takenOver: fc.boolean() })),
  inbox: fc.array(sealed, { maxLength: 3 }),
  cooldown: optional(
    fc.record({
      until: time,
      cause: fc.constantFrom("idp_unavailable", "idp_protocol", "client_rejected"),
      failures: fc.nat(),
    }),
  ),
  lastExchangeAt: optional(time),
  frozenAt: optional(time),
  erasure: optional(fc.record({ at: time, tokenHashes: fc.array(fc.string(), { maxLength: 2 }) })),
  history: fc.array(
    fc.record({
      at: time,
      by: fc.string(),
      outcome: fc.constantFrom("stored", "exchanged", "served", "failed", "disconnected", "frozen"),
    }),
    { maxLength: 5 },
  ),
});

const UNKNOWN = new UnavailableError("unknown_schema_version");

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

test("S58: an item that is not quite one of ours is never guessed at, whichever attribute is wrong", () => {
  fc.assert(
    fc.property(grants, fc.nat(), (grant, pick) => {
      const item = itemOf(grant);
      // Derived, for the index alone: never read.
      const names = Object.keys(item).filter((name) => name !== "listKey");
      const name = names[pick % names.length] ?? "sub";
      expect(() => toGrant({ ...item, [name]: Symbol("wrong") })).toThrow(UNKNOWN);
    }),
  );
});

test.each(["schemaVersion", "grantId", "revision", "status", "since", "inbox", "history"])(
  "S58: an item without %s is not one of ours",
  (name) => {
    const [grant] = fc.sample(grants, { numRuns: 1, seed: 1 });
    const item = itemOf(grant as Grant);
    const without = Object.fromEntries(Object.entries(item).filter(([key]) => key !== name));
    expect(() => toGrant(without)).toThrow(UNKNOWN);
  },
);

test("S58: a row of failures is told as a member that the version before keeps and does not read", () => {
  const [found] = fc.sample(grants, { numRuns: 1, seed: 1 });
  const failing = { since: 1_800_000_000_000, attempts: 3, isTold: true };
  const cooldown = {
    until: 1_800_000_000_001,
    cause: "idp_protocol",
    failures: 4,
    failing,
  } as const;
  const item = itemOf({ ...(found as Grant), cooldown });
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

test("a time that no clock shows is no time", () => {
  const [grant] = fc.sample(grants, { numRuns: 1, seed: 1 });
  const item = { ...itemOf(grant as Grant), since: "2026-13-45T00:00:00.000Z" };
  expect(() => toGrant(item)).toThrow(UNKNOWN);
});
