/** How a grant changes, state by state: the whole row before, the whole row after. */
import type { Failure } from "../../../lambda/grant/cooldown";
import {
  type ActiveGrant,
  cachedSince,
  type Grant,
  type HistoryEntry,
  holdsLease,
  type LeasedGrant,
  newestRefreshToken,
} from "../../../lambda/grant/grant";
import { appended, HISTORY_LENGTH, isNoted, NOTE_AFTER_MS } from "../../../lambda/grant/history";
import {
  commitTokens,
  coolDown,
  leaveInInbox,
  noteServed,
  quarantine,
  refuse,
  releaseLease,
  replaceGrant,
  takeLease,
} from "../../../lambda/grant/transitions";

const NOW = 1_000_000;
const stamp = { at: NOW, by: "POST /me/access-token" };
const token = (gen: number) => ({ ciphertext: new Uint8Array([gen]), gen });
const lease = { owner: "holder", expiresAt: NOW + 17_000, takenOver: false };
const accessToken = { ...token(4), expiresAt: NOW + 3_600_000, obtainedBy: "holder" };
const cooldown = { until: NOW - 1, cause: "idp_protocol", failures: 1 } as const;
const stored: HistoryEntry = { at: 1, by: "PUT /me/refresh-token", outcome: "stored" };
const erasure = { at: 7, tokenHashes: ["hash"] };

/** A row in which every member has something. */
const full: LeasedGrant = {
  sub: "sub",
  grantId: "grant",
  revision: 3,
  status: "active",
  since: 5,
  refreshToken: token(3),
  accessToken,
  lease,
  inbox: [],
  cooldown,
  lastExchangeAt: 6,
  frozenAt: 8,
  erasure,
  history: [stored],
};
const unleased: ActiveGrant = { ...full, lease: undefined };
const idle = { ...unleased, accessToken: undefined, cooldown: undefined };
const next = { sub: "sub", grantId: "next", refreshToken: token(1) };
const after = (outcome: HistoryEntry["outcome"]) => [stored, { ...stamp, outcome }];

describe("signing in again", () => {
  test("leaves nothing of the old grant but its history, what the operator froze and what was erased", () => {
    expect(replaceGrant(full, next, stamp)).toEqual({
      sub: "sub",
      grantId: "next",
      refreshToken: token(1),
      revision: 3,
      status: "active",
      since: NOW,
      inbox: [],
      frozenAt: 8,
      erasure,
      history: after("stored"),
    });
  });

  test("for the first time begins at revision 0, with nothing frozen or erased", () => {
    expect(replaceGrant(undefined, { ...next, accessToken }, stamp)).toEqual({
      sub: "sub",
      grantId: "next",
      refreshToken: token(1),
      accessToken,
      revision: 0,
      status: "active",
      since: NOW,
      inbox: [],
      history: [{ ...stamp, outcome: "stored" }],
    });
  });

  const older = { at: 6, tokenHashes: ["older"] };
  const newer = { at: 8, tokenHashes: ["newer"] };
  const sameTime = { at: 7, tokenHashes: [] };

  test.each([
    ["only the row", erasure, undefined, erasure],
    ["only the sign-in", undefined, older, older],
    ["neither", undefined, undefined, undefined],
    ["the row, of a later one", erasure, older, erasure],
    ["the sign-in, of a later one", erasure, newer, newer],
    ["both, of one time", erasure, sameTime, erasure],
  ])("knows the last erasure where %s knows of one", (_, ofRow, ofSignIn, expected) => {
    const row = { ...full, erasure: ofRow } as Grant;
    expect(replaceGrant(row, { ...next, erasure: ofSignIn }, stamp).erasure).toBe(expected);
  });

  test.each([
    ["only the row", erasure, undefined, erasure],
    ["only the sign-in", undefined, older, older],
    ["neither", undefined, undefined, undefined],
    ["the row, of a later one", erasure, older, erasure],
    ["the sign-in, of a later one", erasure, newer, newer],
  ])("knows the last sign-out everywhere where %s knows of one", (_, ofRow, ofSignIn, expected) => {
    const row = { ...full, signedOut: ofRow } as Grant;
    expect(replaceGrant(row, { ...next, signedOut: ofSignIn }, stamp).signedOut).toBe(expected);
  });
});

describe("the refresh token to spend next", () => {
  test.each([
    ["the current one", 3, [], 3],
    ["one of the inbox that is newer", 3, [4], 4],
    ["the newest of the inbox", 3, [4, 6, 5], 6],
    ["the current one, where the inbox is older", 3, [2], 3],
    ["one of the inbox, where there is no current one", undefined, [2], 2],
    ["none, where there is none", undefined, [], undefined],
  ])("is %s", (_, current, inbox, expected) => {
    const refreshToken = current === undefined ? undefined : token(current);
    const grant = { ...full, refreshToken, inbox: inbox.map(token) } as Grant;
    expect(newestRefreshToken(grant)?.gen).toBe(expected);
  });

  test("is the current one where one of the inbox is of the same exchange", () => {
    expect(newestRefreshToken({ ...full, inbox: [token(3)] })).toBe(full.refreshToken);
  });
});

describe("the lease", () => {
  const taken = { owner: "me", expiresAt: NOW + 1 };

  test("is taken together with what lies in the inbox, and remembers a holder before", () => {
    expect(takeLease({ ...full, inbox: [token(9)] }, taken)).toEqual({
      ...full,
      refreshToken: token(9),
      inbox: [],
      lease: { ...taken, takenOver: true },
    });
    expect(takeLease(unleased, taken).lease).toEqual({ ...taken, takenOver: false });
  });

  test.each<[string, boolean, Grant | undefined]>([
    ["as it was taken", true, full],
    ["frozen meanwhile", true, { ...full, frozenAt: 9 }],
    ["gone", false, undefined],
    ["no longer active", false, refuse(full, "in_doubt", stamp)],
    ["of another sign-in", false, { ...full, grantId: "another" }],
    ["under another lease", false, { ...full, lease: { ...lease, owner: "another" } }],
    ["without a lease", false, unleased],
  ])("is held in a row %s: %s", (_, expected, row) => {
    expect(holdsLease(row, full)).toBe(expected);
  });

  test("is given back with nothing else changed", () => {
    expect(releaseLease(full)).toEqual(unleased);
  });
});

describe("the end of an exchange", () => {
  test("is the successor, the access token and the lease's end in one", () => {
    const kept = { ...accessToken, expiresAt: 1 };
    const exchanged = { accessToken: kept, refreshToken: token(4) };
    const expected = {
      ...unleased,
      cooldown: undefined,
      refreshToken: token(4),
      accessToken: kept,
      lastExchangeAt: NOW,
      history: after("exchanged"),
    };
    expect(commitTokens(full, exchanged, stamp)).toEqual(expected);
    expect(commitTokens(full, { ...exchanged, refreshToken: undefined }, stamp)).toEqual({
      ...expected,
      refreshToken: token(3),
    });
  });

  test("S29: about somebody else it ends the grant, and keeps what came for the inquiry", () => {
    const expected = {
      ...idle,
      status: "needs_sign_in",
      since: NOW,
      reason: "foreign_subject",
      history: after("foreign_subject"),
    };
    expect(quarantine(full, undefined, stamp)).toEqual(expected);
    expect(quarantine(full, token(4), stamp)).toEqual({ ...expected, refreshToken: token(4) });
  });

  test.each([
    ["refresh_token_refused", "refused"],
    ["in_doubt", "in_doubt"],
  ] as const)(
    "S48: by a refusal (%s) asks for a sign-in, and keeps the token",
    (reason, outcome) => {
      expect(refuse(full, reason, stamp)).toEqual({
        ...idle,
        status: "needs_sign_in",
        since: NOW,
        reason,
        history: after(outcome),
      });
    },
  );
});

describe("S51: a failure", () => {
  const first = { since: NOW, attempts: 1, isTold: false };
  const failure: Failure = {
    cause: "idp_unavailable",
    retryAfterSeconds: undefined,
    keepLease: false,
  };

  test("ends the lease and cools down, and changes nothing else", () => {
    expect(coolDown(full, failure, stamp)).toEqual({
      ...unleased,
      cooldown: { until: NOW + 4_000, cause: "idp_unavailable", failures: 2, failing: first },
      history: after("failed"),
    });
  });

  test("in doubt keeps the lease, and nobody tries again before that has run out", () => {
    const doubtful: Failure = { ...failure, cause: "idp_in_doubt", keepLease: true };
    expect(coolDown(full, doubtful, stamp)).toEqual({
      ...full,
      cooldown: { until: lease.expiresAt, cause: "idp_in_doubt", failures: 2, failing: first },
      history: after("in_doubt"),
    });
  });

  test("S47: with a successor leaves nothing in doubt: it is stored, and the lease ends", () => {
    const useless: Failure = { ...failure, keepLease: true, refreshToken: token(4) };
    expect(coolDown(full, useless, stamp)).toEqual({
      ...unleased,
      refreshToken: token(4),
      cooldown: { until: NOW + 4_000, cause: "idp_unavailable", failures: 2 },
      history: after("failed"),
    });
  });

  test.each([
    ["the first", 0, undefined, false, 2_000],
    ["the fifth", 4, undefined, false, 32_000],
    ["the sixth", 5, undefined, false, 60_000],
    ["the thousandth", 999, undefined, false, 60_000],
    ["with a longer Retry-After", 0, 90, false, 90_000],
    ["with a shorter Retry-After", 4, 1, false, 32_000],
    ["with a Retry-After longer than the lease that stays", 0, 90, true, 90_000],
    ["with a lease that stays", 0, undefined, true, 17_000],
  ] as const)("%s waits so long", (_, failures, retryAfterSeconds, keepLease, expected) => {
    const row = { ...full, cooldown: { ...cooldown, failures } };
    const cooled = coolDown(row, { ...failure, retryAfterSeconds, keepLease }, stamp).cooldown;
    expect(cooled).toEqual({
      until: NOW + expected,
      cause: failure.cause,
      failures: failures + 1,
      failing: first,
    });
  });

  test("that keeps a lease which is gone waits for its backoff alone", () => {
    const fresh = { ...unleased, cooldown: undefined };
    expect(coolDown(fresh, { ...failure, keepLease: true }, stamp).cooldown).toEqual({
      until: NOW + 2_000,
      cause: "idp_unavailable",
      failures: 1,
      failing: first,
    });
  });
});

test("what comes late goes behind what is in the inbox, and changes nothing else", () => {
  const row = { ...full, inbox: [token(4)] };
  expect(leaveInInbox(row, token(5))).toEqual({ ...full, inbox: [token(4), token(5)] });
});

const OUTCOMES = [
  ...(["stored", "exchanged", "served", "refused", "in_doubt"] as const),
  ...(["foreign_subject", "failed", "disconnected", "frozen", "unfrozen"] as const),
];

describe("the history", () => {
  const served = (by: string, at: number): HistoryEntry => ({ at, by, outcome: "served" });

  test("has the last served entry of each caller, and all others", () => {
    const exchanged: HistoryEntry = { ...stamp, at: 2, outcome: "exchanged" };
    const history = [stored, exchanged, served(stamp.by, 3), served("another", 4)];
    expect(noteServed({ ...full, history }, stamp)).toEqual({
      ...full,
      history: [stored, exchanged, served("another", 4), served(stamp.by, NOW)],
    });
  });

  test.each<[string, Partial<HistoryEntry>, boolean]>([
    ["served just now", {}, true],
    ["exchanged just now", { outcome: "exchanged" }, true],
    ["refused just now", { outcome: "refused" }, false],
    ["served to somebody else", { by: "another" }, false],
    ["served almost five minutes ago", { at: NOW - NOTE_AFTER_MS + 1 }, true],
    ["served five minutes ago", { at: NOW - NOTE_AFTER_MS }, false],
  ])("is enough for a caller who was %s: %s", (_, change, expected) => {
    const entry = { ...stamp, outcome: "served" as const, ...change };
    expect(isNoted({ ...full, history: [entry, stored] }, stamp)).toBe(expected);
  });

  test.each(OUTCOMES)("has the newest %s entry of each caller, and all others", (outcome) => {
    const history = [stored, ...OUTCOMES.map((one, at) => ({ ...stamp, at, outcome: one }))];
    const others = history.filter((entry) => entry.by !== stamp.by || entry.outcome !== outcome);
    const repeated = appended({ ...full, history: [...history, ...history] }, outcome, stamp);
    expect(repeated.filter((entry) => entry.outcome === outcome && entry.by === stamp.by)).toEqual([
      { ...stamp, outcome },
    ]);
    expect(appended({ ...full, history }, outcome, stamp)).toEqual([
      ...others,
      { ...stamp, outcome },
    ]);
  });

  test("F4: keeps twenty entries: of many roles that are served the newest, and everything else", () => {
    const rare = OUTCOMES.filter((outcome) => outcome !== "served").flatMap((outcome, at) => [
      { at, by: "one", outcome },
      { at, by: "two", outcome },
    ]);
    let history: readonly HistoryEntry[] = rare;
    for (let role = 0; role < 100; role += 1) {
      history = appended({ ...full, history }, "served", { at: 100 + role, by: String(role) });
    }
    expect(history).toEqual([...rare, served("98", 198), served("99", 199)]);
    expect(history).toHaveLength(HISTORY_LENGTH);
  });

  test("of twenty-one different callers the oldest goes", () => {
    const history = Array.from({ length: HISTORY_LENGTH }, (_, at) => served(String(at), at));
    const kept = appended({ ...full, history }, "served", stamp);
    expect(kept).toEqual([...history.slice(1), { ...stamp, outcome: "served" }]);
  });

  test("that an older version left longer than that is cut to it", () => {
    const history = Array.from({ length: 30 }, (_, at) => served(String(at), at));
    const kept = appended({ ...full, history }, "frozen", stamp);
    expect(kept).toEqual([...history.slice(11), { ...stamp, outcome: "frozen" }]);
  });
});

test.each<[string, Partial<ActiveGrant>, number | undefined]>([
  ["the last exchange", { lastExchangeAt: 6, since: 5 }, 6],
  ["the sign-in, where there was no exchange since", { lastExchangeAt: undefined, since: 5 }, 5],
  ["an exchange whose refresh token is the kept one's", { refreshToken: token(4) }, 6],
  ["nobody knows: a later refresh token came alone", { refreshToken: token(5) }, undefined],
  ["nobody knows: a later one waits in the inbox", { inbox: [token(5)] }, undefined],
  ["an exchange before which one was left in the inbox", { inbox: [token(4)] }, 6],
  ["nobody knows: there is none", { accessToken: undefined }, undefined],
])("the kept access token is of the time of %s", (_, change, expected) => {
  expect(cachedSince({ ...full, ...change })).toBe(expected);
});
