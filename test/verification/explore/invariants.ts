/**
 * The invariants, and where each is checked. docs/security-requirements.md says why they matter.
 * I1  When a request is sent: no other live caller has a request of the same family in flight, or
 *     an answer to one that is not stored yet.
 * I2  In every state, rotation none and grace: a row that has not ended holds a token that the
 *     provider accepts. In every state, strict: the same, or a live caller has the successor, or a
 *     crash or loss has destroyed the only copy (`isLossExcused`, K9 to K11). "I2 kept", when a
 *     caller ends: the successor that it received is stored.
 * I3  At every write: within a grant neither `gen` nor the serial of the stored token falls, and
 *     the revision rises by one.
 * I4  When a caller gets an access token: a refresh token at least as new as the one of the same
 *     response was stored before, in the row or in the queue (without rotation: the access token
 *     itself).
 * I5  When a strict provider receives a superseded token: only after the only copy of its successor
 *     was destroyed.
 * I6  At every write: everything sealed in the row opens under the row's own context.
 *     `ciphertext_rejected` never ends a caller.
 * I7  At every write: a refresh changes neither grant, freeze nor erasure, and nothing of a row
 *     that is ending. A sign-in from before an erasure stores nothing. A disconnected row has no
 *     secrets, and a mark outside of the row. At every revocation: the token is not the one in use.
 * I8  At every write that asks for a sign-in: the provider refuses the token in the row, and no
 *     newer one waits in the inbox.
 * I9  When all have ended: the queue becomes empty, leases and cooldowns end within 25 s, and a
 *     later caller succeeds. It gets `needs_sign_in` only if the user caused it or the successor
 *     was destroyed, and the latter is marked `in_doubt` (liveness.ts).
 * I10 At every intent: no lease and no cooldown was in force. When all have ended: at most one
 *     refresh per fault and per caller.
 * I11 At every port call, log line and error: plaintexts go only to the token endpoint, the cipher
 *     and the caller (run.ts).
 * I12 At every write: the watch of production (lambda/grant/impossible.ts) finds it possible.
 */
import { type Grant, newestRefreshToken } from "../../../lambda/grant/grant";
import { isEnded } from "../../../lambda/grant/grant-id";
import { impossibleIn } from "../../../lambda/grant/impossible";
import type { Actor } from "./programs";
import { isLive, readAccessToken, readToken, type RefreshToken } from "./provider";
import type { End } from "./run";
import type { Scenario } from "./scenario";
import { openSealed } from "./sealing";
import type { Caller, State } from "./state";
import { isUsable, storedToken } from "./stored";
import type { Report } from "./violation";

const HONEST_REASONS: readonly string[] = [
  "exchange_in_progress",
  "cooling_down",
  "idp_in_doubt",
  "idp_unavailable",
  "store_unavailable",
  "queue_unavailable",
  "too_little_time_left",
  "frozen",
  "erased_user",
  "refresh_token_refused",
  "in_doubt",
  "disconnected",
  "erased",
];
/** With this many writers a caller may lose eight times in a row; with fewer it cannot. */
const MANY = 4;

/** I3, I6, I7, I8, I10. */
export function checkWrite(
  state: State,
  after: Grant,
  { role, report }: { readonly role: Actor; readonly report: Report },
): void {
  const before = state.row;
  if (after.revision !== (before?.revision ?? 0) + 1) {
    report("I3", "a row was overwritten that had moved on");
  }
  checkSealed(after, report);
  if (before === undefined) {
    return;
  }
  if (before.frozenAt !== after.frozenAt && role !== "freeze") {
    report("I7", "a freeze was undone");
  }
  if ((after.erasure?.at ?? 0) < (before.erasure?.at ?? 0)) {
    report("I7", "an erasure was forgotten");
  }
  if (role === "stale sign-in" && before.erasure !== undefined) {
    report("I7", "a proof from before the erasure stored something");
  }
  if (after.grantId === before.grantId) {
    checkOrder(before, after, report);
  }
  const isOver = after.status === "disconnecting" || after.status === "disconnected";
  if (isOver && role !== "freeze" && !isEnded(after, state.endedAt)) {
    report("I7", "a grant ended before its mark was there");
  }
  if (role === "access" || role === "recover") {
    checkRefresh(state, { before, after }, report);
  }
}

/** I12. */
export function checkWatch({ row, now }: State, after: Grant, report: Report): void {
  const impossible = impossibleIn(row, after, now);
  if (impossible !== undefined) {
    report("I12", `the watch of production calls a write impossible: ${impossible}`);
  }
}

function checkSealed(row: Grant, report: Report): void {
  const { sub, grantId, refreshToken, accessToken, inbox } = row;
  for (const { ciphertext, gen } of [refreshToken, ...inbox].filter((one) => one !== undefined)) {
    if (openSealed(ciphertext, { sub, grantId, gen, purpose: "refresh_token" }) === undefined) {
      report("I6", "a refresh token is stored that does not open in its row");
    }
  }
  const kept = accessToken;
  const context = { sub, grantId, gen: kept?.gen ?? 0, purpose: "access_token" } as const;
  if (kept !== undefined && openSealed(kept.ciphertext, context) === undefined) {
    report("I6", "an access token is stored that does not open in its row");
  }
  const isOver = row.status === "disconnected";
  if (isOver && (refreshToken !== undefined || kept !== undefined || inbox.length > 0)) {
    report("I7", "a disconnected row holds secrets");
  }
}

function checkOrder(before: Grant, after: Grant, report: Report): void {
  const [old, young] = [newestRefreshToken(before), newestRefreshToken(after)];
  const [oldToken, youngToken] = [storedToken(before), storedToken(after)];
  if (old === undefined || young === undefined) {
    return;
  }
  if (young.gen < old.gen || (youngToken?.serial ?? 0) < (oldToken?.serial ?? 0)) {
    report("I3", "an older refresh token replaced a newer one");
  }
}

function checkRefresh(
  { now, provider }: State,
  { before, after }: { readonly before: Grant; readonly after: Grant },
  report: Report,
): void {
  if (after.grantId !== before.grantId) {
    report("I7", "a refresh brought an older grant back");
  }
  const isEnding = before.status === "disconnecting" || before.status === "disconnected";
  if (isEnding && (after.status !== before.status || after.refreshToken !== before.refreshToken)) {
    report("I7", "a refresh changed a grant whose end was asked for");
  }
  const token = storedToken(before);
  if (after.status === "needs_sign_in" && before.status === "active") {
    if (token === undefined || isLive(provider, token) || before.inbox.length > 0) {
      report("I8", "a sign-in is asked for although the stored token is good");
    }
  }
  const isTaken = after.lease !== undefined && after.lease.expiresAt > now;
  if (isTaken && after.lease.owner !== before.lease?.owner) {
    if ((before.lease?.expiresAt ?? 0) > now || (before.cooldown?.until ?? 0) > now) {
      report("I10", "an exchange began while a lease or a cooldown was in force");
    }
  }
}

/** I1, I5. */
export function checkSend(
  state: State,
  index: number,
  { token, report }: { readonly token: string; readonly report: Report },
): void {
  const { family } = readToken(token);
  const isBusy = state.callers.some((caller, other) => {
    const isOther = other !== index && caller.status === "live";
    return isOther && (sentFamily(caller) === family || caller.got?.family === family);
  });
  if (isBusy) {
    report("I1", "two exchanges of one grant at once");
  }
}

function sentFamily({ processState }: Caller): number | undefined {
  const request = processState?.pending.request;
  return request?.kind === "send" ? readToken(request.token).family : undefined;
}

/** I5. */
export function checkPresented(
  { configuration }: Scenario,
  state: State,
  { token, report }: { readonly token: RefreshToken; readonly report: Report },
): void {
  const family = state.provider.families[token.family];
  const isSuperseded = family !== undefined && token.serial < family.serial;
  if (configuration.rotation === "strict" && isSuperseded && !state.isLossExcused) {
    report("I5", "a strict provider was shown a superseded token without need");
  }
}

/** I4, I6, and the reasons that a caller may get. */
export function checkEnd(
  { configuration }: Scenario,
  state: State,
  { end, report }: { readonly end: End; readonly report: Report },
): void {
  const isCrowded = end.reason === "store_conflict" && configuration.roles.length >= MANY;
  if (end.reason !== undefined && !isCrowded && !HONEST_REASONS.includes(end.reason)) {
    report(end.reason === "ciphertext_rejected" ? "I6" : "I9", `a caller got ${end.reason}`);
  }
  if (end.accessToken === undefined) {
    return;
  }
  const number = readAccessToken(end.accessToken);
  const exchange = state.provider.exchanges[number];
  const isCommitted = Math.floor(state.committed / 2 ** number) % 2 === 1;
  const isDurable = (state.durable[exchange?.family ?? 0] ?? -1) >= (exchange?.serial ?? 0);
  // A spilled successor is as durable as one in the row; the access token is not cached then.
  if (!isDurable || (!isCommitted && (exchange?.serial ?? 0) === 0)) {
    report("I4", "an access token was released before it and its successor were stored");
  }
}

/** I2. */
export function checkState({ configuration }: Scenario, state: State, report: Report): void {
  const { row, provider, callers, isLossExcused } = state;
  const isOver = row?.status !== "active" || isEnded(row, state.endedAt);
  if (isOver || isUsable(state)) {
    return;
  }
  const token = storedToken(row);
  if (token === undefined) {
    report("I2", "the row holds no refresh token");
    return;
  }
  const family = provider.families[token.family];
  const isHeld = callers.some(({ status, got }) => status === "live" && got !== undefined);
  const isExcused = configuration.rotation === "strict" && (isHeld || isLossExcused);
  if (family?.isEndedByUser !== true && !isExcused) {
    report("I2", "the stored refresh token is of no use any more");
  }
}
