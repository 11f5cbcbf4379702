/** The key of a state, as short as possible: there are millions. */
import type { Grant } from "../../../lambda/grant/grant";
import { START } from "./programs";
import { numberOf } from "./sealing";
import { type Caller, isOrdered, type Message, type State } from "./state";

const SHOWN_ONLY = {
  since: undefined,
  lastExchangeAt: undefined,
  history: undefined,
  refreshToken: undefined,
  accessToken: undefined,
  inbox: undefined,
};

const rowKeys = new WeakMap<Grant, string>();

/**
 * The parts of a row on which the code may fault. Left out: `since` and `lastExchangeAt`, which are
 * only shown (no scenario of the search has an interval between refreshes), and what `isNoted`
 * (history.ts), the history's only reader here, does not read. No schedule reaches the twenty
 * entries after which the history forgets.
 */
export function rowKey(row: Grant | undefined): string {
  if (row === undefined) {
    return "-";
  }
  const known = rowKeys.get(row);
  if (known !== undefined) {
    return known;
  }
  const { history, refreshToken, accessToken, inbox } = row;
  const noted = new Map<string, number>();
  for (const { by, outcome, at } of history) {
    if (outcome === "served" || outcome === "exchanged") {
      noted.set(by, Math.max(at, noted.get(by) ?? 0));
    }
  }
  const number = (sealed: { ciphertext: Uint8Array } | undefined) =>
    sealed === undefined ? -1 : numberOf(sealed.ciphertext);
  const secrets = [number(refreshToken), number(accessToken), accessToken?.expiresAt];
  // A row of failures matters only to an instance that has seen others succeed; here there are no
  // others.
  const cooldown = row.cooldown && { ...row.cooldown, failing: undefined };
  const rest = { ...row, ...SHOWN_ONLY, cooldown };
  const key = JSON.stringify([rest, secrets, inbox.map(number), [...noted].sort()]);
  const short = internKey(key);
  rowKeys.set(row, short);
  return short;
}

const interned = new Map<string, string>();

/** Forgets the cache of keys, for callers that compare no states of two runs. */
export function forgetKeys(): void {
  interned.clear();
}

function internKey(key: string): string {
  const known = interned.get(key);
  if (known !== undefined) {
    return known;
  }
  const short = interned.size.toString(36);
  interned.set(key, short);
  return short;
}

const sharedKeys = new WeakMap<object, string>();

export function keyOf(value: object): string {
  const known = sharedKeys.get(value);
  if (known !== undefined) {
    return known;
  }
  const short = internKey(JSON.stringify(value));
  sharedKeys.set(value, short);
  return short;
}

/**
 * Two states with the same key have the same future. Callers that have ended are equal. Which
 * caller is which does not matter, only the state of each: callers of a role run the same program,
 * and the row names their random ids (run.ts).
 */
export function stateKey(state: State): string {
  const { now, row, endedAt, users, provider, durable, committed, takenFor } = state;
  const shared = `${(now - START).toString(36)} ${rowKey(row)} ${markKey(endedAt)} ${keyOf(users)} ${keyOf(provider)} ${queueKey(state)}${row?.revision === takenFor ? "!" : ""}`;
  const left = `${String(state.crashesLeft)}${String(state.lossesLeft)}${state.isLossExcused ? "f" : ""}`;
  const callers = state.callers
    .flatMap((caller, index) => callerKey(caller, { index, holder: row?.lease?.owner }))
    .sort()
    .join(",");
  return `${shared} ${durable.join(".")} ${committed.toString(36)} ${left} ${callers}`;
}

export function markKey(endedAt: number | undefined): string {
  return endedAt === undefined ? "-" : (endedAt - START).toString(36);
}

/** An item that is due is due since any time. Only ordered items keep their order. */
function queueKey({ queue, now }: State): string {
  const key = ({ task, revision = 0, due }: Message) =>
    `${keyOf(task)}.${String(revision)}.${Math.max(0, due - now).toString(36)}`;
  const ordered = queue.filter(isOrdered).map(key);
  const others = queue.filter((message) => !isOrdered(message)).map(key);
  return `${ordered.join(",")};${others.sort().join(",")}`;
}

/**
 * Callers of a role start in order, so the numbers of the idle ones say which roles are still to
 * come.
 */
function callerKey(
  { status, processState, message, isAnswerLost, isStoreDown, seen, got, owner }: Caller,
  { index, holder }: { readonly index: number; readonly holder: string | undefined },
): string | readonly [] {
  if (status !== "live") {
    return status === "idle" ? `-${String(index)}` : [];
  }
  const isHolder = holder !== undefined && owner === holder;
  const flags = `${isAnswerLost ? "l" : ""}${isStoreDown ? "d" : ""}${isHolder ? "h" : ""}`;
  const held = got === undefined ? "" : `g${String(got.family)}.${String(got.serial)}`;
  const taken = `${message?.isTwice === true ? "t" : ""}${message?.revision === undefined ? "" : `r${String(message.revision)}`}`;
  return `${(processState?.id ?? 0).toString(36)}${taken}${flags}${held}:${seen ?? ""}`;
}
