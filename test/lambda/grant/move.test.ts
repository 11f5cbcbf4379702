import { mergedHistory } from "../../../lambda/grant/history";
import {
  type GrantMove,
  leftGrant,
  movedGrant,
  takesRow,
  tokenOf,
} from "../../../lambda/grant/move";
import { mergedUser } from "../../../lambda/use-cases/merged-user";
import { sampleGrant } from "../../contract/grant-store.contract";
import { type RowChange, rowOf } from "../../support/rows";
import { ALICE, BOB, NOW } from "../../support/tokens";

const ID = `${String(NOW)}.move`;
const made = (at: number, change: RowChange = {}) =>
  rowOf(sampleGrant({ grantId: `${String(at)}.id` }), change);
const sealed = (gen: number) => ({ ciphertext: new Uint8Array([gen]), gen });

const move = (overrides: Partial<GrantMove> = {}): GrantMove => ({
  id: ID,
  to: BOB,
  cutoffs: {},
  isLate: false,
  stamp: { at: NOW, by: "admin" },
  from: { grant: made(NOW - 9, { revision: 41 }), endedAt: undefined },
  target: { grant: undefined, endedAt: undefined },
  resealed: { refreshToken: sealed(7), inbox: [sealed(9)] },
  ...overrides,
});

const target = (grant: RowChange, endedAt?: number) => ({
  grant: made(NOW - 5, { sub: BOB, ...grant }),
  endedAt,
});

test.each<[string, Partial<GrantMove>, string, boolean]>([
  ["there is nothing under the new subject", {}, "moved", true],
  ["its own is active", { target: target({}) }, "kept_target", false],
  ["its own was put back", { target: target({}, NOW - 5) }, "moved", true],
  ["its own is younger than what ended", { target: target({}, NOW - 6) }, "kept_target", false],
  ["its own needs a sign-in", { target: target({ status: "needs_sign_in" }) }, "moved", true],
  ["it was disconnected before", { target: target({ status: "disconnected" }) }, "moved", true],
  ["it was disconnected since", { isLate: true }, "dropped", false],
  ["it was, and signed in since", { isLate: true, target: target({}) }, "kept_target", false],
])("where %s", (_, overrides, token, isTaken) => {
  expect([tokenOf(move(overrides)), takesRow(move(overrides))]).toEqual([token, isTaken]);
  expect(movedGrant(move(overrides))?.movedFrom).toEqual(
    isTaken || overrides.target !== undefined ? { id: ID, token } : expect.anything(),
  );
});

test("the tokens keep their gen, and whatever is exchanged later has a higher one", () => {
  for (const revision of [3, 41, 90]) {
    const grant = movedGrant(move({ target: target({ status: "disconnected", revision }) }));
    expect([grant?.refreshToken?.gen, grant?.inbox.map(({ gen }) => gen)]).toEqual([7, [9]]);
    expect(grant?.revision).toBe(Math.max(41, revision) + 1);
  }
});

test("a doubt, a cooldown and the time of the last exchange move with the grant, waiting callers do not", () => {
  const state = {
    lease: { owner: "dead", expiresAt: NOW - 1, takenOver: true },
    cooldown: { until: NOW + 9, cause: "idp_unavailable", failures: 2 },
    lastExchangeAt: NOW - 7,
  } as const;
  const waiting = { owner: "dead", count: 2 };
  const accessToken = { ...sealed(7), expiresAt: NOW + 1, obtainedBy: "x" };
  const grant = made(NOW - 9, { ...state, waiting, accessToken });
  const moved = movedGrant(move({ from: { grant, endedAt: undefined } }));
  expect(moved).toMatchObject({ ...state, sub: BOB, grantId: ID, status: "active" });
  expect([moved?.waiting, moved?.accessToken]).toEqual([undefined, undefined]);
});

test.each([
  [NOW - 3, NOW - 2],
  [NOW - 2, NOW - 3],
  [undefined, NOW - 3],
  [NOW - 3, undefined],
])("frozen by %p or %p is frozen since then, and the later cutoffs count", (one, other) => {
  const cutoff = (at: number) => ({ at, tokenHashes: [String(at)] });
  for (const status of ["active", "disconnected"] as const) {
    const moved = movedGrant(
      move({
        from: {
          grant: made(NOW - 9, {
            ...(one !== undefined && { frozenAt: one }),
            erasure: cutoff(NOW - 50),
            signedOut: cutoff(NOW - 30),
          }),
          endedAt: undefined,
        },
        target: target({
          status,
          ...(other !== undefined && { frozenAt: other }),
          erasure: cutoff(NOW - 40),
          signedOut: cutoff(NOW - 35),
        }),
        cutoffs: { erasure: cutoff(NOW - 45), signedOut: cutoff(NOW - 20) },
      }),
    );
    expect(moved).toMatchObject({ frozenAt: NOW - 3, erasure: cutoff(NOW - 40) });
    expect(moved?.signedOut).toEqual(cutoff(NOW - 20));
  }
});

test("nothing is written where there was no row at all, and no history into one that was erased", () => {
  const none = { grant: undefined, endedAt: undefined };
  expect(movedGrant(move({ from: none }))).toBeUndefined();
  const erased = target({ status: "disconnected", reason: "erased", history: [] });
  expect(movedGrant(move({ isLate: true, target: erased }))?.history).toEqual([]);
});

test("a connection that had been ended leaves its past, and no token", () => {
  const grant = made(NOW - 9, { status: "disconnected", reason: "disconnected", since: NOW - 8 });
  const moved = movedGrant(move({ from: { grant, endedAt: NOW - 8 } }));
  expect(moved).toMatchObject({ status: "disconnected", since: NOW - 8, history: grant.history });
  expect(moved?.refreshToken).toBeUndefined();
});

test("what is left says where it went, and keeps a freeze", () => {
  const erasure = { at: NOW, tokenHashes: [] };
  const there = { id: ID, token: "moved" as const, sub: ALICE, to: BOB, grantId: "new" };
  expect(leftGrant(made(NOW - 9, { frozenAt: NOW - 1 }), erasure, there)).toMatchObject({
    status: "disconnected",
    reason: "erased",
    frozenAt: NOW - 1,
    erasure,
    movedTo: { id: ID, sub: BOB, was: `${String(NOW - 9)}.id`, token: "moved" },
  });
  expect(leftGrant(undefined, erasure, there)).toMatchObject({ grantId: "new", sub: ALICE });
});

test("two histories become one: in order, of each caller and outcome the newest, twenty at most", () => {
  const entries = (from: number, by: (n: number) => string) =>
    Array.from({ length: 15 }, (_, n) => ({
      at: from + n,
      by: by(n),
      outcome: "served" as const,
    }));
  const one = made(NOW, { history: entries(NOW, (n) => `a${String(n)}`) });
  const other = made(NOW, { history: entries(NOW + 5, (n) => `b${String(n)}`) });
  const merged = mergedHistory(one, other);
  expect(merged).toHaveLength(20);
  expect(merged.map(({ at }) => at)).toEqual(merged.map(({ at }) => at).sort((a, b) => a - b));
  const same = mergedHistory(
    one,
    made(NOW, { history: entries(NOW + 100, (n) => `a${String(n)}`) }),
  );
  expect(same.map(({ at }) => at)).toEqual(entries(NOW + 100, String).map(({ at }) => at));
  expect(mergedHistory(undefined, one)).toEqual(one.history);
});

describe("two records become one", () => {
  const user = {
    sub: ALICE,
    claims: { name: "Old" },
    createdAt: NOW - 100,
    updatedAt: NOW - 90,
    userinfo: { claims: { email: "old@example.com" }, at: NOW - 1 },
    claimsIssuedAt: NOW - 100,
    claimsTokenHash: "old",
    version: 9,
    attributes: { same: { a: 1 }, other: 1, own: null, constructor: "x" },
  };

  test("what the new subject says wins, also of attributes with names of JavaScript's own", () => {
    const there = { ...user, sub: BOB, claims: { name: "New" }, createdAt: NOW - 5, version: 3 };
    const own = { ...there, attributes: { same: { a: 1 }, other: 2 }, userinfo: undefined };
    const merged = mergedUser(user, own, { id: ID, to: BOB, now: NOW });
    expect(merged).toEqual({
      user: {
        ...own,
        createdAt: NOW - 100,
        updatedAt: NOW,
        version: 4,
        attributes: { same: { a: 1 }, other: 2, own: null, constructor: "x" },
      },
      movedFrom: { id: ID, isNew: false, kept: ["own", "constructor"], dropped: ["other"] },
    });
  });
});
