import type { ActiveGrant, Grant, HistoryEntry, LeasedGrant } from "../../../lambda/grant/grant";
import { impossibleIn } from "../../../lambda/grant/impossible";
import {
  beginDisconnect,
  beginErase,
  disconnect,
  erase,
  freeze,
  giveBackLease,
  leaveInInbox,
  refuse,
  replaceGrant,
  signOut,
  takeLease,
  unfreeze,
} from "../../../lambda/grant/transitions";
import { NOW, ROWS, token } from "./states";

const stamp = { at: NOW, by: "test" };
const identity = { sub: "sub", grantId: "grant" };
const cutoff = { at: NOW, tokenHashes: [] };
const ready = ROWS.ready as ActiveGrant;
const leased = ROWS.leased as LeasedGrant;
const abandoned = ROWS.abandoned as LeasedGrant;
const refused = refuse(ready, "refresh_token_refused", stamp);
const ending = beginDisconnect(ready, NOW);
const ended = disconnect(ready, stamp);
const frozen = freeze(ready, identity, stamp);
const thawed = unfreeze(frozen, stamp);
const before: HistoryEntry = { at: 1, by: "POST /sessions", outcome: "stored" };
const another = { owner: "another", expiresAt: NOW + 1, takenOver: true };
const signedIn = replaceGrant(
  ready,
  { sub: "sub", grantId: "next", refreshToken: token(1) },
  stamp,
);
const without = (row: ActiveGrant): ActiveGrant => ({ ...row, refreshToken: token(2) });

/** What each write must not make of a row, at `NOW`. */
const IMPOSSIBLE: readonly (readonly [string, Grant | undefined, Grant, string])[] = [
  ["an older refresh token", ready, without(ready), "token_lost"],
  ["an inbox without its token", leaveInInbox(ready, token(4)), ready, "token_lost"],
  ["a refusal without its token", ready, { ...refused, refreshToken: undefined }, "token_lost"],
  ["an end to come without its token", ready, { ...ending, refreshToken: undefined }, "token_lost"],
  ["a tombstone that is usable", ended, ready, "revived"],
  ["an ending grant that is usable", ending, ready, "revived"],
  ["a tombstone that is refused", ended, refused, "revived"],
  ["a refused token that is usable", refused, ready, "revived"],
  ["a second holder", leased, { ...leased, lease: another }, "lease_taken"],
  [
    "a take-over that is none",
    abandoned,
    { ...abandoned, lease: { ...another, takenOver: false } },
    "doubt_lost",
  ],
  ["a sign-in with a lease", leased, { ...leased, grantId: "next" }, "grant_replaced"],
  ["a refusal of another grant", ready, { ...refused, grantId: "next" }, "grant_replaced"],
  ["a freeze that is gone", frozen, { ...frozen, frozenAt: undefined }, "freeze_lost"],
  [
    "a freeze that is gone, and history",
    frozen,
    { ...frozen, frozenAt: undefined, history: [] },
    "freeze_lost",
  ],
  [
    "an erasure that is gone",
    erase(ready, cutoff, identity),
    { ...signedIn, erasure: undefined },
    "cutoff_lost",
  ],
  [
    "an earlier erasure",
    erase(ready, cutoff, identity),
    erase(ready, { ...cutoff, at: NOW - 1 }, identity),
    "cutoff_lost",
  ],
  ["a sign-out that is gone", signOut(ready, cutoff, identity), ready, "cutoff_lost"],
];

const POSSIBLE: readonly (readonly [string, Grant | undefined, Grant])[] = [
  ["a first sign-in", undefined, signedIn],
  ["a sign-in over a tombstone", ended, signedIn],
  ["a sign-in over a live lease", leased, signedIn],
  ["an intent", ready, leased],
  ["a take-over", abandoned, { ...abandoned, lease: another }],
  [
    "a take-over at the end of the lease",
    { ...abandoned, lease: { ...abandoned.lease, expiresAt: NOW } },
    { ...abandoned, lease: another },
  ],
  ["a lease that is given back", leased, giveBackLease(leased, ready)],
  [
    "a lease that is given back to a dead holder",
    takeLease(abandoned, another),
    giveBackLease(takeLease(abandoned, another), abandoned),
  ],
  [
    "a longer lease of the same holder",
    leased,
    { ...leased, lease: { ...leased.lease, expiresAt: NOW + 9e9 } },
  ],
  ["a token in the inbox", ready, leaveInInbox(ready, token(4))],
  ["the same token", ready, ready],
  ["a refusal", ready, refused],
  ["a newer token after a refusal", refused, { ...ready, refreshToken: token(4) }],
  ["an end to come", ready, ending],
  ["an end", ending, ended],
  ["an end at once", leased, ended],
  ["an end that comes again", ended, ended],
  ["an erasure to come", ready, beginErase(ready, cutoff)],
  ["an erasure", beginErase(ready, cutoff), erase(ready, cutoff, identity)],
  [
    "a later erasure",
    erase(ready, { ...cutoff, at: NOW - 1 }, identity),
    erase(ready, cutoff, identity),
  ],
  ["a freeze", ready, frozen],
  ["a freeze of a refused grant", refused, freeze(refused, identity, stamp)],
  ["a thaw", frozen, thawed],
  ["a thaw in a long history", frozen, { ...thawed, history: [before, before, ...thawed.history] }],
  [
    "a sign-in to a frozen grant",
    frozen,
    replaceGrant(frozen, { sub: "sub", grantId: "next", refreshToken: token(1) }, stamp),
  ],
  ["a sign-out everywhere", ready, signOut(ready, cutoff, identity)],
];

test.each(IMPOSSIBLE)("%s is impossible", (_, before, next, found) => {
  expect(impossibleIn(before, next, NOW)).toBe(found);
});

test.each(POSSIBLE)("%s is possible", (_, before, next) => {
  expect(impossibleIn(before, next, NOW)).toBeUndefined();
});
