/** What a refresh, a sign-in and an end make of the scopes of a row. */
import type { ActiveGrant, HistoryEntry } from "../../../lambda/grant/grant";
import { endReasonOf, phaseOf } from "../../../lambda/grant/phase";
import {
  beginErase,
  commitTokens,
  disconnect,
  erase,
  noteNotIssued,
  quarantine,
  refuse,
  replaceGrant,
} from "../../../lambda/grant/transitions";
import type { Scopes } from "../../../lambda/scopes";

const stamp = { at: 1_000, by: "POST /me/access-token" };
const token = (gen: number) => ({ ciphertext: new Uint8Array([gen]), gen });
const accessToken = { ...token(4), expiresAt: 9_000, obtainedBy: "holder" };
const before: HistoryEntry = { at: 1, by: "POST /sessions", outcome: "stored" };
const grant = (scopes?: Scopes): ActiveGrant => ({
  sub: "sub",
  grantId: "grant",
  revision: 3,
  status: "active",
  since: 5,
  refreshToken: token(3),
  inbox: [],
  history: [before],
  scopes,
});
const commit = (was: Scopes | undefined, scopes: Scopes | undefined) =>
  commitTokens(grant(was), { accessToken, refreshToken: undefined, scopes }, stamp);

const exchanged = { ...stamp, outcome: "exchanged" };
const changed = (gained: Scopes, lost: Scopes) => ({
  ...stamp,
  outcome: "scope_changed",
  gained,
  lost,
});

test.each<[string, Scopes | undefined, Scopes | undefined, Scopes | undefined, object[]]>([
  ["named none", ["a"], undefined, ["a"], []],
  ["never named any", undefined, undefined, undefined, []],
  ["named some at last", undefined, ["a"], ["a"], []],
  ["named the same", ["a", "b"], ["a", "b"], ["a", "b"], []],
  ["named them in another order", ["a", "b"], ["b", "a"], ["b", "a"], []],
  ["named fewer", ["a", "b"], ["a"], ["a"], [changed([], ["b"])]],
  ["named more", ["a"], ["a", "b"], ["a", "b"], [changed(["b"], [])]],
  ["named others", ["a", "b"], ["b", "c"], ["b", "c"], [changed(["c"], ["a"])]],
])("the provider %s", (_, was, said, scopes, entries) => {
  const next = commit(was, said);
  expect(next.scopes).toEqual(scopes);
  expect(next.history).toEqual([before, exchanged, ...entries]);
  expect(next).toMatchObject({ accessToken, refreshToken: token(3), lastExchangeAt: 1_000 });
});

test("of one actor the newest change stays", () => {
  const once = commit(["a"], ["b"]);
  const twice = commitTokens(
    once,
    { accessToken, refreshToken: undefined, scopes: ["a"] },
    { ...stamp, at: 2_000 },
  );
  expect(twice.history.filter(({ outcome }) => outcome === "scope_changed")).toEqual([
    { ...changed(["a"], ["b"]), at: 2_000 },
  ]);
});

test("a sign-in starts anew, with what it brought or with nothing known", () => {
  const next = { sub: "sub", grantId: "next", refreshToken: token(1) };
  expect(replaceGrant(grant(["a"]), { ...next, scopes: ["b"] }, stamp).scopes).toEqual(["b"]);
  expect(replaceGrant(grant(["a"]), next, stamp).scopes).toBeUndefined();
  const marked = noteNotIssued(grant(), 7);
  expect(replaceGrant(marked, next, stamp).notIssuedAt).toBeUndefined();
});

test("a grant that needs a sign-in tells what it was; a tombstone and an erased one do not", () => {
  const row = grant(["a"]);
  expect(refuse(row, "in_doubt", stamp).scopes).toEqual(["a"]);
  expect(quarantine(row, undefined, stamp).scopes).toEqual(["a"]);
  expect(disconnect(row, stamp).scopes).toBeUndefined();
  const erasure = { at: 7, tokenHashes: [] };
  expect(beginErase(row, erasure).scopes).toBeUndefined();
  expect(erase(row, erasure, row).scopes).toBeUndefined();
});

test("a row that cannot be used says why the last sign-in did not mend it", () => {
  const dead = refuse(grant(), "refresh_token_refused", stamp);
  expect(endReasonOf(dead)).toBe("refresh_token_refused");
  expect(endReasonOf(noteNotIssued(dead, 999))).toBe("refresh_token_refused");
  const reason = "refresh_token_not_issued";
  expect(endReasonOf(noteNotIssued(dead, 1_000))).toBe(reason);
  const noted = noteNotIssued(dead, 1_001);
  expect(noted).toEqual({ ...dead, notIssuedAt: 1_001 });
  const moment = { now: 2_000, rotation: "none" } as const;
  expect(phaseOf({ grant: noted }, moment)).toMatchObject({ kind: "ended", reason });
});
