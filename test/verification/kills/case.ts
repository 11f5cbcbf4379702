/**
 * One kill: callers, the death of a process, a fresh caller, and a comparison of the provider's
 * ledger with the store.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./calls";
import { type Callers, leavesLease, mayBeLost, type Point } from "./points";
import type { LedgerView, SignedIn } from "./providers/provider";
import type { KillWorld, Stored } from "./world";

export interface Case {
  readonly index: number;
  readonly point: Point;
  readonly callers: Callers;
}

export interface CaseResult extends Case {
  /**
   * `marked`: lost, and the grant says so. `lost`: lost unmarked. `not_killed`: no process reached
   * the point.
   */
  readonly outcome: "recovered" | "marked" | "lost" | "not_killed";
  /** Milliseconds from the kill to the fresh caller's answer. */
  readonly usableAfterMs: number;
  /**
   * The time beside other kills, if it was too long. The case was then repeated alone, and the
   * other members are of the repetition.
   */
  readonly lateAmongOthersMs?: number;
  /** Answers to the callers at the time of the kill, by status. */
  readonly answers: Readonly<Record<string, number>>;
  /**
   * Token requests that the provider answered with tokens, from the first caller to the fresh one.
   */
  readonly exchanges: number;
  readonly isRevoked: boolean;
  /** What the kill point does not allow; empty if all is well. */
  readonly violations: readonly string[];
}

/** The promise: usable again within this time, without a person. */
const PROMISE_MS = 25_000;
const LATE = "usable only after 25 s";
/** How long to watch beyond that, to tell late from never. */
const GIVE_UP_MS = 60_000;
/** The fresh caller comes before the lease ends, which is two seconds after its holder's time. */
const FRESH_CALLER_AFTER_MS = 1_000;
const LATE_COMPARISON_MS = 500;
const COMPARISONS = 6;

export async function runCase(world: KillWorld, user: SignedIn, which: Case): Promise<CaseResult> {
  const { point, callers } = which;
  const before = await world.provider.ledger(user.sub);
  const name = `${String(which.index)}-${String(Date.now())}`;
  const headers = { "x-kill-point": point, "x-kill-case": name };
  const answers = await Promise.all(
    Array.from({ length: callers }, async () => await world.freshToken(user, headers)),
  );
  const killedAt = await world.killedAt(name).catch(() => undefined);
  return await judge(world, user, { which, killed: "AccessToken", killedAt, answers, before });
}

interface Killed {
  readonly which: Case;
  /** The function that died. */
  readonly killed: "AccessToken" | "Recovery";
  /** Undefined if none died. */
  readonly killedAt: number | undefined;
  readonly answers: readonly Answer[];
  readonly before: LedgerView;
}

/** The fresh caller's answer, and the store after it. */
export async function judge(
  world: KillWorld,
  user: SignedIn,
  { which, killed, killedAt, answers, before }: Killed,
): Promise<CaseResult> {
  const { point } = which;
  const freshFrom = leavesLease(point) ? world.timeoutMs(killed) + FRESH_CALLER_AFTER_MS : 0;
  const fresh = await callFresh(world, user, { killedAt: killedAt ?? Date.now(), freshFrom });
  const isServed = fresh.answer.status === 200;
  const { stored, ledger, isSame } = await compare(world, user.sub, isServed);
  const isKilled = killedAt !== undefined;
  const outcome = isKilled ? outcomeOf(stored, isServed && isSame) : "not_killed";
  const isRevoked = ledger.isRevoked;
  const result = {
    ...which,
    outcome,
    isRevoked,
    usableAfterMs: fresh.usableAfterMs,
    answers: countBy(answers.map(({ status }) => String(status))),
    exchanges: ledger.exchanges - before.exchanges,
  };
  const judged = { ...result, fresh: fresh.answer, all: answers };
  return { ...result, violations: violationsOf(world, judged) };
}

/** Repeats as `Retry-After` says, like a client. */
async function callFresh(
  world: KillWorld,
  user: SignedIn,
  { killedAt, freshFrom }: { readonly killedAt: number; readonly freshFrom: number },
) {
  await sleep(Math.max(0, killedAt + freshFrom - Date.now()));
  for (;;) {
    const answer = await world.freshToken(user);
    const usableAfterMs = Date.now() - killedAt;
    if (answer.status !== 503 || usableAfterMs > GIVE_UP_MS) {
      return { answer, usableAfterMs };
    }
    await sleep((answer.retryAfterSeconds ?? 1) * 1_000);
  }
}

/** Store and ledger are two places: a process may be between them for a moment. */
async function compare(world: KillWorld, sub: string, isServed: boolean) {
  const { provider } = world;
  for (let left = COMPARISONS; ; left -= 1) {
    const [stored, ledger] = [await world.stored(sub), await provider.ledger(sub)];
    const isSame = provider.fingerprint(stored.refreshToken) === ledger.live;
    if (isSame || !isServed || left === 0) {
      return { stored, ledger, isSame };
    }
    await sleep(LATE_COMPARISON_MS);
  }
}

function outcomeOf({ grant }: Stored, isUsable: boolean): CaseResult["outcome"] {
  if (isUsable) {
    return "recovered";
  }
  return grant.status === "needs_sign_in" && grant.reason === "in_doubt" ? "marked" : "lost";
}

type Judged = Omit<CaseResult, "violations"> & {
  readonly fresh: Answer;
  readonly all: readonly Answer[];
};

function violationsOf({ provider }: KillWorld, judged: Judged): string[] {
  const { point, callers, outcome, fresh, all } = judged;
  const mayLose = mayBeLost(provider.name, point);
  // One process died; if it had answered before, its caller noticed nothing.
  const victims = point === "K14" ? 0 : 1;
  const failed = judged.answers["500"] ?? 0;
  const served = judged.answers["200"] ?? 0;
  const sentAway = all.filter(({ status }) => status === 503);
  const isMarked = outcome === "marked" && mayLose;
  const rules: readonly [string, boolean][] = [
    [`nothing was killed at ${point}`, outcome !== "not_killed"],
    [`fresh caller got ${fresh.status}`, fresh.status === 200 || isMarked],
    [`marked, but ${fresh.status} ${fresh.reason ?? ""}`, !isMarked || isInDoubt(fresh)],
    [`outcome ${outcome}`, outcome === "recovered" || isMarked],
    [LATE, judged.usableAfterMs <= PROMISE_MS],
    ["family revoked", !judged.isRevoked || mayLose],
    [`${failed} callers got 500`, failed === victims],
    ["a caller got something else", served + sentAway.length + failed === callers],
    [
      "503 without Retry-After",
      sentAway.every(({ retryAfterSeconds = 0 }) => retryAfterSeconds > 0),
    ],
  ];
  return rules.filter(([, isKept]) => !isKept).map(([rule]) => rule);
}

/** Only late: perhaps the machine was busy, so the case is repeated once. */
export function isToRepeat({ violations, lateAmongOthersMs }: CaseResult): boolean {
  return violations.length === 1 && violations[0] === LATE && lateAmongOthersMs === undefined;
}

function isInDoubt({ status, reason }: Answer): boolean {
  return status === 409 && reason === "in_doubt";
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}
