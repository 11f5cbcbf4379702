import { mergedHistory } from "../../../lambda/grant/history";
import {
  type GrantMove,
  isEnding,
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
const from = (grant: RowChange, endedAt?: number) => ({ grant: made(NOW - 9, grant), endedAt });
const NONE = { grant: undefined, endedAt: undefined };
const REFUSAL = { status: "needs_sign_in", reason: "refresh_token_refused" } as const;
const REFUSED = from(REFUSAL);

test.each<[string, Partial<GrantMove>, string, boolean]>([
  ["there is nothing under the new subject", {}, "moved", true],
  ["its own is active", { target: target({}) }, "kept_target", false],
  ["its own was put back", { target: target({}, NOW - 5) }, "moved", true],
  ["its own is younger than what ended", { target: target({}, NOW - 6) }, "kept_target", false],
  ["its own needs a sign-in", { target: target({ status: "needs_sign_in" }) }, "moved", true],
  ["it was disconnected before", { target: target({ status: "disconnected" }) }, "moved", true],
  ["it was disconnected since", { isLate: true }, "dropped", false],
  ["it was, and signed in since", { isLate: true, target: target({}) }, "kept_target", false],
  ["what moves was disconnected", { from: from({ status: "disconnected" }) }, "none", false],
  ["what moves is being disconnected", { from: from({ status: "disconnecting" }) }, "none", false],
  ["what moves was put back", { from: from({}, NOW - 9) }, "none", false],
  ["what moves needs a sign-in", { from: REFUSED }, "needs_sign_in", true],
  ["both need one", { from: REFUSED, target: target(REFUSAL) }, "needs_sign_in", false],
  [
    "what moves needs one, and the other had ended",
    { from: REFUSED, target: target({ status: "disconnected" }) },
    "needs_sign_in",
    false,
  ],
])("where %s", (_, overrides, token, isTaken) => {
  expect([tokenOf(move(overrides)), takesRow(move(overrides))]).toEqual([token, isTaken]);
  expect(movedGrant(move(overrides))?.movedFrom).toEqual({ id: ID, token });
});

test("a grant that needs a sign-in moves with its reason and its token where there was none", () => {
  expect(movedGrant(move({ from: REFUSED }))).toMatchObject({
    ...REFUSAL,
    sub: BOB,
    grantId: ID,
    refreshToken: sealed(7),
    inbox: [sealed(9)],
  });
});

test("the tokens keep their gen, and whatever is exchanged later has a higher one", () => {
  for (const revision of [3, 41, 90]) {
    const grant = movedGrant(move({ target: target({ status: "disconnected", revision }) }));
    expect([grant?.refreshToken?.gen, grant?.inbox.map(({ gen }) => gen)]).toEqual([7, [9]]);
    expect(grant?.revision).toBe(Math.max(41, revision) + 1);
  }
  expect(movedGrant(move({ from: NONE, target: target({ revision: 3 }) }))?.revision).toBe(4);
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
  expect(movedGrant(move({ from: NONE }))).toBeUndefined();
  const erased = target({ status: "disconnected", reason: "erased", history: [] });
  expect(movedGrant(move({ isLate: true, target: erased }))?.history).toEqual([]);
});

test.each<[string, RowChange, string | undefined]>([
  ["disconnected", { status: "disconnected", reason: "disconnected" }, "disconnected"],
  ["put back", {}, undefined],
  ["erased", { status: "disconnected", reason: "erased" }, undefined],
])("a connection that was %s leaves its past, and no token", (_, change, reason) => {
  const past = { revision: 41, since: NOW - 8, lastExchangeAt: NOW - 7 };
  const ended = from({ ...change, ...past }, NOW - 8);
  expect(movedGrant(move({ from: ended }))).toEqual({
    sub: BOB,
    grantId: ID,
    revision: 42,
    status: "disconnected",
    since: NOW - 8,
    reason,
    inbox: [],
    lastExchangeAt: NOW - 7,
    history: ended.grant.history,
    movedFrom: { id: ID, token: "none" },
  });
});

test.each<[string, RowChange | undefined, number | undefined, boolean]>([
  ["is not there, whatever ended", undefined, NOW, false],
  ["is in use, and nothing ever ended", {}, undefined, false],
  ["is in use, and what ended is older", {}, NOW - 10, false],
  ["was put back before the move began", {}, NOW - 6, false],
  ["is about to end: its mark came with the move", {}, NOW - 5, true],
  ["is younger than what ended", { grantId: `${String(NOW + 1)}.id` }, NOW, false],
  ["is being disconnected", { status: "disconnecting" }, undefined, true],
  ["was disconnected", { status: "disconnected" }, NOW, false],
])("a row that %s", (_, change, endedAt, expected) => {
  const grant = change && made(NOW - 9, change);
  expect(isEnding({ grant, endedAt }, NOW - 6)).toBe(expected);
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

test("of one caller's entries the newest of each outcome stays, from whichever history", () => {
  const entry = (at: number, outcome: "stored" | "served") => ({ at, by: "caller", outcome });
  const one = made(NOW, { history: [entry(1, "stored"), entry(2, "served")] });
  const other = made(NOW, { history: [entry(3, "served")] });
  expect(mergedHistory(one, other)).toEqual([entry(1, "stored"), entry(3, "served")]);
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
