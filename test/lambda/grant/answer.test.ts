/** What a token response does, for every kind of response and every row that it can meet. */
import {
  applyTokenResponse,
  type Circumstances,
  concedeLease,
  type Reply,
} from "../../../lambda/grant/answer";
import { type Grant, hasLease, holdsLease, type LeasedGrant } from "../../../lambda/grant/grant";
import { leaveInInbox, releaseLease } from "../../../lambda/grant/transitions";
import { NOW, type ResponseName, RESPONSES, ROWS, stateOf, token } from "./states";

const stamp = { at: NOW, by: "test" };
const circumstances: Circumstances = {
  stamp,
  rotation: "strict",
  restoredAt: undefined,
  isLong: () => false,
  servesOthers: false,
};

function rowOf(state: "leased" | "abandoned"): LeasedGrant {
  const row = ROWS[state];
  if (row === undefined || !hasLease(row)) {
    throw new Error("no lease");
  }
  return row;
}

const held = rowOf("leased");
const other = { owner: "other", expiresAt: Infinity, takenOver: true };

/** What the row is by the time that the response is written. */
const MET: Readonly<Record<string, Grant | undefined>> = {
  held,
  "held, lapsed": rowOf("abandoned"),
  "held, frozen": { ...held, frozenAt: 9 },
  "another holder": { ...held, lease: other },
  released: releaseLease(held),
  "own write": { ...releaseLease(held), refreshToken: token(4) },
  "another sign-in": { ...held, grantId: "another" },
  "another sign-in's of the same gen": { ...held, grantId: "another", refreshToken: token(4) },
  needs_sign_in: ROWS.needs_sign_in,
  disconnecting: ROWS.disconnecting,
  disconnected: ROWS.disconnected,
  moved: {
    ...(ROWS.disconnected as Grant),
    movedTo: { id: "move", sub: "new", was: "grant", token: "moved" },
  },
  absent: undefined,
};

const [T, B, F, R, C, N, D, S] = Object.keys(RESPONSES) as ResponseName[];

function replied(reply: Reply): string {
  return reply.kind === "sign_in" ? reply.reason : reply.kind;
}

/**
 * The phase of the next row and the reply; or, where the lease is lost, where the successor goes.
 */
function found(met: string, name: ResponseName): string {
  const row = MET[met];
  const response = RESPONSES[name];
  if (!holdsLease(row, held)) {
    const { mustKeep } = applyTokenResponse(held, response, circumstances);
    return concedeLease(row, held, mustKeep).kind;
  }
  const { next, reply } = applyTokenResponse(row, response, circumstances);
  return `${stateOf(next, "strict")}, ${replied(reply)}`;
}

const REFUSED = "needs_sign_in, refresh_token_refused";
const QUARANTINED = "needs_sign_in, foreign_subject";
const LATER = "cooling, later";

test.each<[string, readonly (string | undefined)[]]>([
  [
    "held",
    [
      "ready, release",
      "ready, release",
      QUARANTINED,
      REFUSED,
      "cooling, client_rejected",
      LATER,
      LATER,
      LATER,
    ],
  ],
  [
    "held, lapsed",
    [
      "ready, release",
      "ready, release",
      QUARANTINED,
      REFUSED,
      "cooling, client_rejected",
      LATER,
      LATER,
      LATER,
    ],
  ],
  [
    "held, frozen",
    [
      "frozen, frozen",
      "frozen, frozen",
      "frozen, foreign_subject",
      "frozen, refresh_token_refused",
      "frozen, client_rejected",
      "frozen, later",
      "frozen, later",
      "frozen, later",
    ],
  ],
  ["another holder", keeping("inbox")],
  ["released", keeping("inbox")],
  ["own write", keeping("nothing")],
  ["another sign-in", keeping("revoke")],
  ["another sign-in's of the same gen", keeping("revoke")],
  ["needs_sign_in", keeping("revoke")],
  ["disconnecting", keeping("revoke")],
  ["disconnected", keeping("revoke")],
  ["moved", keeping("follow")],
  ["absent", keeping("revoke")],
])("in a row that is %s", (met, expected) => {
  expect([T, B, F, R, C, N, D, S].map((name) => found(met, name!))).toEqual(expected);
});

/** Only tokens and a failure may bring a successor; one that is foreign is none (S29). */
function keeping(concession: string): readonly string[] {
  const none = "nothing";
  return [concession, none, none, none, none, none, none, concession];
}

test("each row that can be met is tried", () => {
  expect(Object.keys(MET)).toHaveLength(13);
});

describe("S49: a refusal", () => {
  test("is no refusal of what came into the inbox meanwhile: the next holder spends that", () => {
    const row = leaveInInbox(held, token(9));
    const { next, reply } = applyTokenResponse(row, RESPONSES.refusal, circumstances);
    expect(next).toEqual(releaseLease(row));
    expect(reply).toEqual({ kind: "look_again" });
  });

  test("in doubt leaves what came into the inbox in doubt, too", () => {
    const row = leaveInInbox(taken(held), token(9));
    const { next } = applyTokenResponse(row, RESPONSES.refusal, circumstances);
    expect(next.lease).toEqual({ owner: "holder", expiresAt: NOW, takenOver: true });
  });

  test.each([
    ["strict", true, "in_doubt"],
    ["grace", true, "in_doubt"],
    ["none", true, "refresh_token_refused"],
    ["strict", false, "refresh_token_refused"],
  ] as const)(
    "with rotation %s, taken over from a holder that never reported back: %s: %s",
    (rotation, isTaken, reason) => {
      const row = isTaken ? taken(held) : held;
      const given = { ...circumstances, rotation };
      const { next, reply } = applyTokenResponse(row, RESPONSES.refusal, given);
      expect([next.reason, replied(reply)]).toEqual([reason, reason]);
    },
  );

  test.each([
    ["was last refreshed before the backup", 5, 9, 10, "in_doubt"],
    ["was stored before it, and never refreshed", 9, undefined, 10, "in_doubt"],
    ["was refreshed at its time", 5, 10, 10, "refresh_token_refused"],
    ["was refreshed since", 5, 11, 10, "refresh_token_refused"],
    ["was stored since", 11, 5, 10, "refresh_token_refused"],
    ["never came from one", 5, 9, undefined, "refresh_token_refused"],
  ])("of a grant that %s", (_, since, lastExchangeAt, restoredAt, reason) => {
    const row = { ...held, since, lastExchangeAt };
    const reasonWith = (rotation: "none" | "strict") =>
      applyTokenResponse(row, RESPONSES.refusal, { ...circumstances, rotation, restoredAt }).next
        .reason;
    expect(reasonWith("strict")).toBe(reason);
    expect(reasonWith("none")).toBe("refresh_token_refused");
  });
});

describe("a failure", () => {
  test.each([
    ["grace", D, false, true],
    ["strict", D, false, true],
    ["none", D, false, false],
    ["strict", N, false, false],
    ["strict", N, true, true],
    ["none", N, true, false],
    ["strict", C, true, true],
    ["strict", C, false, false],
    ["strict", S, true, false],
  ] as ["grace" | "strict" | "none", ResponseName, boolean, boolean][])(
    "with rotation %s (%s, taken over: %s) keeps the lease until it lapses: %s",
    (rotation, name, isTaken, isKept) => {
      const row = isTaken ? taken(held) : held;
      const { next, reply } = applyTokenResponse(row, RESPONSES[name], {
        ...circumstances,
        rotation,
      });
      expect(next.lease).toEqual(isKept ? row.lease : undefined);
      if (reply.kind === "later") {
        expect(reply.retryAfterSeconds).toBe(isKept ? 15 : 2);
      }
    },
  );

  test.each([
    [false, true, "later", undefined],
    [true, false, "later", "warn"],
    [true, true, "refresh_token_failing", "error"],
  ])(
    "for long: %s, while others are served: %s, is told as %s, and the log has a line: %s",
    (isLong, servesOthers, expected, level) => {
      const given = { ...circumstances, isLong: () => isLong, servesOthers };
      const { next, reply } = applyTokenResponse(held, RESPONSES["failure, not processed"], given);
      expect(replied(reply)).toBe(expected);
      expect("report" in reply ? reply.report?.level : undefined).toBe(level);
      expect(next.cooldown?.failing?.isTold).toBe(expected === "refresh_token_failing");
    },
  );

  test("that was told stays told, however short it lasts and whoever is served", () => {
    const failing = { since: 1, attempts: 4, isTold: true };
    const cooldown = { until: NOW, cause: "idp_unavailable", failures: 4, failing } as const;
    const row = { ...held, cooldown };
    const { next, reply } = applyTokenResponse(
      row,
      RESPONSES["failure, not processed"],
      circumstances,
    );
    expect(next.cooldown?.failing).toEqual({ since: 1, attempts: 5, isTold: true });
    expect(reply).toMatchObject({
      reason: "refresh_token_failing",
      report: { event: "grant_failing", fields: { reason: "idp_unavailable", count: 5 } },
    });
  });
});

test("S45: what must be kept is the successor, and nothing of an answer about somebody else", () => {
  const kept = Object.entries(RESPONSES).filter(
    ([, response]) => applyTokenResponse(held, response, circumstances).mustKeep !== undefined,
  );
  expect(kept.map(([name]) => name)).toEqual(["tokens", "failure with a successor"]);
});

test("the successor waits in the inbox of the row as it is by then", () => {
  const row = { ...held, lease: other };
  expect(concedeLease(row, held, token(4))).toMatchObject({
    next: { ...row, inbox: [token(4)] },
  });
});

function taken(row: LeasedGrant): LeasedGrant {
  return { ...row, lease: { ...row.lease, takenOver: true } };
}
