/** One kill: callers, death, a fresh caller, and a comparison of the provider's ledger with the store. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./calls";
import { leavesLease, mayBeLost, type Callers, type Point } from "./points";
import type { LedgerView, SignedIn } from "./providers/provider";
import type { KillWorld, Stored } from "./world";

export interface Case {
  readonly index: number;
  readonly point: Point;
  readonly callers: Callers;
}

export interface CaseResult extends Case {
  /** `marked`: lost, and the grant says so; `lost`: lost, and it does not; `not_killed`: no process got to the point. */
  readonly outcome: "recovered" | "marked" | "lost" | "not_killed";
  /** From the kill to the fresh caller's answer. */
  readonly usableAfterMs: number;
  /** What it took among other kills, if that was too long: then the case was repeated alone, and the rest of this is about that. */
  readonly lateAmongOthersMs?: number;
  /** Of the callers who were there when the process was killed, by status. */
  readonly answers: Readonly<Record<string, number>>;
  /** Token requests that the provider processed and answered, from the first caller to the fresh one. */
  readonly exchanges: number;
  readonly isRevoked: boolean;
  /** What the table of kill points does not allow; empty if all is well. */
  readonly violations: readonly string[];
}

/** The promise: usable again within this, with no human. */
const PROMISE_MS = 25_000;
const LATE = "usable only after 25 s";
/** How long it is watched beyond that, to tell late from never. */
const GIVE_UP_MS = 60_000;
/** A lease ends two seconds after its holder's time: the fresh caller comes before that, and so meets its end. */
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
  /** Undefined: none did. */
  readonly killedAt: number | undefined;
  readonly answers: readonly Answer[];
  readonly before: LedgerView;
}

/** What a fresh caller gets, and what then lies in the store. */
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
    ...{ outcome, isRevoked, usableAfterMs: fresh.usableAfterMs },
    answers: countBy(answers.map(({ status }) => String(status))),
    exchanges: ledger.exchanges - before.exchanges,
  };
  const judged = { ...result, fresh: fresh.answer, all: answers };
  return { ...result, violations: violationsOf(world, judged) };
}

/** As a client would: again after what `Retry-After` asks. */
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

/** The store and the ledger are two places: somebody may be between them, for a moment. */
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
  // The process of one caller died; where it had answered before, nobody noticed.
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

/** Late, and nothing worse: it may be the machine that was busy, which is to be asked once. */
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
