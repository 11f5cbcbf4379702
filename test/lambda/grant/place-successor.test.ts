/** How a grant comes back from a holder that died: the whole row before, the whole row after. */
import type { ActiveGrant, Grant, HistoryEntry, LeasedGrant } from "../../../lambda/grant/grant";
import { phaseOf } from "../../../lambda/grant/phase";
import {
  beginDisconnect,
  disconnect,
  giveBackLease,
  placeSuccessor,
  quarantine,
  refuse,
} from "../../../lambda/grant/transitions";

const NOW = 1_000_000;
const stamp = { at: NOW, by: "recovery" };
const token = (gen: number) => ({ ciphertext: new Uint8Array([gen]), gen });
const stored: HistoryEntry = { at: 1, by: "PUT /me/refresh-token", outcome: "stored" };
const lease = { owner: "holder", expiresAt: NOW - 1, takenOver: false };
const grant: LeasedGrant = {
  sub: "sub",
  grantId: "grant",
  revision: 3,
  status: "active",
  since: 5,
  refreshToken: token(3),
  lease,
  inbox: [],
  lastExchangeAt: 6,
  history: [stored],
  cooldown: { until: NOW + 1, cause: "idp_unavailable", failures: 1 },
};
const calm: ActiveGrant = { ...grant, cooldown: undefined, lease: undefined };
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
    const row: ActiveGrant = { ...grant, lease: other };
    expect(placeSuccessor(row, successor, stamp)).toEqual({
      kind: "placed",
      grant: { ...row, inbox: [token(4)] },
    });
  });

  test.each(["refresh_token_refused", "in_doubt"] as const)(
    "S48: revives a grant whose older token was refused (%s), in the inbox and under a lapsed lease: it is in doubt, and anybody's to try",
    (reason) => {
      const refused = refuse(grant, reason, stamp);
      expect(placeSuccessor(refused, successor, stamp)).toEqual({
        kind: "placed",
        grant: {
          ...calm,
          status: "active",
          since: NOW,
          inbox: [token(4)],
          lease: { owner: "holder", expiresAt: NOW, takenOver: true },
          history: [...refused.history, { ...stamp, outcome: "exchanged" }],
        },
      });
    },
  );

  test.each<[string, Grant]>([
    ["the row has it", { ...grant, refreshToken: token(4) }],
    ["the row has a newer one", { ...grant, refreshToken: token(5) }],
    ["the inbox has it", { ...grant, inbox: [token(4)] }],
    ["S29: the grant is quarantined", quarantine(grant, undefined, stamp)],
  ])("changes nothing where %s", (_, row) => {
    expect(placeSuccessor(row, successor, stamp)).toEqual({ kind: "superseded" });
  });

  test("is placed where a damaged row has no token at all, and any caller may take it", () => {
    const row = { ...refuse(grant, "in_doubt", stamp), refreshToken: undefined, unreadable: [] };
    const placement = placeSuccessor(row, successor, stamp);
    expect(placement).toMatchObject({
      kind: "placed",
      grant: { status: "active", refreshToken: token(4), unreadable: undefined },
    });
    const revived = placement.kind === "placed" ? placement.grant : undefined;
    expect(phaseOf({ grant: revived }, { now: NOW, rotation: "strict" }).kind).toBe("ready");
  });

  test.each<[string, Grant | undefined]>([
    ["there is no grant", undefined],
    ["somebody has signed in again", { ...grant, grantId: "another" }],
    ["the grant is being disconnected", beginDisconnect(grant, NOW)],
    ["the grant is disconnected", disconnect(grant, stamp)],
  ])("belongs to nobody where %s", (_, row) => {
    expect(placeSuccessor(row, successor, stamp)).toEqual({ kind: "orphaned" });
  });
});
