/** How a grant ends: the whole row before, the whole row after. */
import type { ActiveGrant } from "../../../lambda/grant/grant";
import {
  asEnded,
  beginDisconnect,
  beginErase,
  disconnect,
  erase,
} from "../../../lambda/grant/transitions";

const NOW = 1_000_000;
const stamp = { at: NOW, by: "DELETE /me/refresh-token" };
const token = (gen: number) => ({ ciphertext: new Uint8Array([gen]), gen });
const erasure = { at: NOW, tokenHashes: ["hash"] };
const LASTING = {
  frozenAt: 8,
  signedOut: { at: 7, tokenHashes: [] },
  movedTo: { id: "move", sub: "other", was: "before", token: "moved" },
  movedFrom: { id: "earlier", token: "moved" },
} as const;
/** A row in which every member has something. */
const full: ActiveGrant = {
  ...LASTING,
  sub: "sub",
  grantId: "grant",
  revision: 3,
  status: "active",
  since: 5,
  refreshToken: token(3),
  accessToken: { ...token(3), expiresAt: NOW + 1, obtainedBy: "holder" },
  lease: { owner: "holder", expiresAt: NOW + 1, takenOver: false },
  inbox: [token(2), token(4)],
  cooldown: { until: NOW + 1, cause: "idp_protocol", failures: 1 },
  lastExchangeAt: 6,
  history: [{ at: 1, by: "PUT /me/refresh-token", outcome: "stored" }],
};
const BARE = { ...LASTING, sub: "sub", grantId: "grant", revision: 3, inbox: [] };
const ending = { ...BARE, status: "disconnecting", since: NOW, refreshToken: token(4) };

test("a disconnect that begins keeps only the newest refresh token, to be revoked", () => {
  const { history, lastExchangeAt } = full;
  const expected = { ...ending, reason: "disconnected", history, lastExchangeAt };
  expect(beginDisconnect(full, NOW)).toEqual(expected);
});

test("an erasure that begins keeps that as well, and no history", () => {
  const expected = { ...ending, reason: "erased", history: [], erasure, lastExchangeAt: 6 };
  expect(beginErase(full, erasure)).toEqual(expected);
});

test("I7: a tombstone has no secret, and keeps what is refused and where the grant went", () => {
  const tombstone = { ...BARE, status: "disconnected", since: NOW };
  expect(disconnect(full, stamp)).toEqual({
    ...tombstone,
    reason: "disconnected",
    lastExchangeAt: 6,
    history: [...full.history, { ...stamp, outcome: "disconnected" }],
  });
  const erased = { ...tombstone, reason: "erased", history: [], erasure };
  expect(erase(full, erasure, { sub: "sub", grantId: "new" })).toEqual(erased);
});

test("a grant that was put back is shown as what it is: ended at its mark, without a secret", () => {
  expect(asEnded(full, NOW)).toEqual({
    ...BARE,
    status: "disconnected",
    since: NOW,
    reason: "disconnected",
    lastExchangeAt: 6,
    history: full.history,
  });
});
