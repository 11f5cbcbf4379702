/** How a grant comes back from a holder that died: the whole row before, the whole row after. */
import type { Grant, HistoryEntry } from "../../../lambda/model";
import { giveBackLease, placeSuccessor } from "../../../lambda/use-cases/grant-recovery";

const NOW = 1_000_000;
const stamp = { at: NOW, by: "recovery" };
const token = (gen: number) => ({ ciphertext: new Uint8Array([gen]), gen });
const stored: HistoryEntry = { at: 1, by: "PUT /me/refresh-token", outcome: "stored" };
const lease = { owner: "holder", expiresAt: NOW - 1, takenOver: false };
const grant: Grant = {
  ...{ sub: "sub", grantId: "grant", revision: 3, status: "active", since: 5 },
  ...{ refreshToken: token(3), lease, inbox: [], lastExchangeAt: 6, history: [stored] },
  cooldown: { until: NOW + 1, cause: "idp_unavailable", failures: 1 },
};
const calm: Grant = { ...grant, cooldown: undefined, lease: undefined };
const successor = { owner: "holder", grantId: "grant", refreshToken: token(4) };
const exchanged = [stored, { ...stamp, outcome: "exchanged" }];

test("a lease that was taken for nothing is given back as it was before, doubt and all", () => {
  const taken = { ...grant, lease: { owner: "me", expiresAt: NOW + 9, takenOver: true } };
  expect(giveBackLease(taken, grant)).toEqual(grant);
});

describe("a spilled successor", () => {
  test("ends the exchange of its own lease", () => {
    expect(placeSuccessor(grant, successor, stamp)).toEqual({
      kind: "placed",
      grant: { ...calm, refreshToken: token(4), lastExchangeAt: NOW, history: exchanged },
    });
  });

  test.each([
    ["another holder's", { ...lease, owner: "another" }],
    ["no", undefined],
  ])("goes into the inbox under %s lease", (_, other) => {
    const row = { ...grant, lease: other } as Grant;
    expect(placeSuccessor(row, successor, stamp)).toEqual({
      kind: "placed",
      grant: { ...row, inbox: [token(4)] },
    });
  });

  test.each(["refresh_token_refused", "in_doubt"] as const)(
    "S48: revives a grant whose older token was refused (%s), in the inbox and under a lapsed lease: it is in doubt, and anybody's to try",
    (reason) => {
      const refused: Grant = { ...grant, status: "needs_sign_in", reason };
      expect(placeSuccessor(refused, successor, stamp)).toEqual({
        kind: "placed",
        grant: {
          ...{ ...calm, status: "active", since: NOW, inbox: [token(4)] },
          lease: { owner: "holder", expiresAt: NOW, takenOver: true },
          history: exchanged,
        },
      });
    },
  );

  test.each<[string, Partial<Grant>]>([
    ["the row has it", { refreshToken: token(4) }],
    ["the row has a newer one", { refreshToken: token(5) }],
    ["the inbox has it", { inbox: [token(4)] }],
    [
      "S29: the grant is quarantined",
      { status: "needs_sign_in", reason: "foreign_subject" } as const,
    ],
  ])("changes nothing where %s", (_, change) => {
    const row = { ...grant, ...change };
    expect(placeSuccessor(row, successor, stamp)).toEqual({ kind: "superseded" });
  });

  test("is placed where the row has no token at all", () => {
    expect(placeSuccessor({ ...grant, refreshToken: undefined }, successor, stamp).kind).toBe(
      "placed",
    );
  });

  test.each<[string, Grant | undefined]>([
    ["there is no grant", undefined],
    ["somebody has signed in again", { ...grant, grantId: "another" }],
    ["the grant is being disconnected", { ...grant, status: "disconnecting" }],
    ["the grant is disconnected", { ...grant, status: "disconnected" }],
  ])("belongs to nobody where %s", (_, row) => {
    expect(placeSuccessor(row, successor, stamp)).toEqual({ kind: "orphaned" });
  });
});
