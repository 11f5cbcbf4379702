/** When all have ended: somebody comes alone, once leases and cooldowns are over, and must find a grant that works (I9). */
import type { EpochMs } from "../../lambda/model";
import { checkState, type Report, type Violation } from "./invariants";
import type { Rotation } from "./provider";
import type { End } from "./run";
import type { Setting } from "./setting";
import { isItsTurn, NOBODY, type State } from "./state";
import { stepOf } from "./step";
import { isUsable, storedToken } from "./stored";
import { comesAt } from "./world-choices";

/** How soon a grant works again, whatever happened. */
export const MAX_PAUSE_MS = 25_000;
/** More steps than a caller takes who is alone. */
const MAX_STEPS = 40;

export function isOver({ callers }: State): boolean {
  return callers.every(({ status }) => status === "ended");
}

export async function checkLater(setting: Setting, ended: State): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const report: Report = (invariant, text) => {
    if (setting.rules.isSuspended?.includes(invariant) !== true) {
      violations.push({ invariant, text: `${text} (a later caller)` });
    }
  };
  checkLoad(setting, ended, report);
  const served = await emptyQueue(setting, ended, violations);
  const { row } = served;
  const ready = Math.max(served.now, row?.lease?.expiresAt ?? 0, row?.cooldown?.until ?? 0);
  const rest = ready - ended.now;
  if (rest > MAX_PAUSE_MS) {
    report("I9", `the grant rests for ${String(rest / 1000)} s`);
  }
  const stale = Math.max(ready, row?.accessToken?.expiresAt ?? 0) + 1;
  const alone = { ...served, callers: [...served.callers, NOBODY], now: stale };
  const { told, state } = await comeAlone(setting, alone, violations);
  judge(setting, served, { told, report });
  checkState(setting, state, report);
  if (told.accessToken !== undefined && !isUsable(state)) {
    report("I2", "what the later caller left is of no use");
  }
  return violations;
}

/**
 * What is in the queue is done with before anybody comes. Where the provider is not strict, a watch would do no more than the later caller does itself, so what only
 * watches is left to it.
 */
async function emptyQueue(setting: Setting, ended: State, violations: Violation[]): Promise<State> {
  let state = ended;
  for (let items = 0; items < MAX_STEPS; items += 1) {
    const next = nextItem(setting, state, Infinity);
    if (next === undefined) {
      return state;
    }
    state = await bring(setting, state, { ...next, violations });
  }
  violations.push({ invariant: "I9", text: "the queue does not become empty" });
  return state;
}

interface Item {
  /** Where in the queue. */
  readonly message: number;
  readonly at: EpochMs;
}

/** What comes first, until `until`. */
function nextItem(
  { configuration: { rotation } }: Setting,
  state: State,
  until: EpochMs,
): Item | undefined {
  return state.queue
    .flatMap((item, message): Item[] => {
      const isAwaited = rotation === "strict" || item.task.kind === "spill";
      const at = Math.max(state.now, comesAt(state, item));
      return isAwaited && at <= until && isItsTurn(state, item) ? [{ message, at }] : [];
    })
    .reduce<Item | undefined>(
      (first, item) => (first === undefined || item.at < first.at ? item : first),
      undefined,
    );
}

async function bring(
  setting: Setting,
  state: State,
  { message, at, violations }: Item & { readonly violations: Violation[] },
): Promise<State> {
  const choice = { kind: "deliver", message, isTwice: false } as const;
  const step = await stepOf(setting, { ...state, now: at }, choice);
  violations.push(...step.violations);
  return step.end === undefined
    ? (await comeAlone(setting, step.state, violations)).state
    : step.state;
}

/** The last caller, faultless and alone but for what the queue brings while it sleeps: nothing is left to choose. */
async function comeAlone(
  setting: Setting,
  start: State,
  violations: Violation[],
): Promise<{ readonly told: End; readonly state: State }> {
  const caller = start.callers.length - 1;
  let state = start;
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const isAsleep = state.callers[caller]?.place?.pending.request?.kind === "sleep";
    const item = isAsleep ? nextItem(setting, state, state.now) : undefined;
    if (item !== undefined) {
      state = await bring(setting, state, { ...item, violations });
      continue;
    }
    const to = Math.max(state.now, state.callers[caller]?.wakesAt ?? 0);
    const step = await stepOf(setting, state, { kind: "caller", caller, act: "go", to });
    violations.push(...step.violations);
    state = step.state;
    if (step.end !== undefined) {
      return { told: step.end, state };
    }
  }
  violations.push({ invariant: "I9", text: "the later caller does not come to an end" });
  return { told: {}, state };
}

/** One exchange is enough for as many as come while its access token is good. */
function checkLoad({ configuration }: Setting, { provider }: State, report: Report): void {
  const { roles, crashes, losses, lifetimeMs = 0 } = configuration;
  const callers = roles.filter((role) => role === "access").length;
  const isShared = lifetimeMs > 60_000 && crashes + losses === 0 && callers === roles.length;
  const signIns = roles.filter((role) => role === "sign-in" || role === "stale sign-in").length;
  const most = isShared ? 1 : callers * (1 + signIns) + crashes + losses;
  if (provider.exchanges.length > most) {
    report("I10", `${String(provider.exchanges.length)} exchanges`);
  }
}

function judge(
  { configuration }: Setting,
  ended: State,
  { told, report }: { readonly told: End; readonly report: Report },
): void {
  const allowed = allowedReasons(configuration.rotation, ended);
  const isRight = told.reason === undefined ? allowed.length === 0 : allowed.includes(told.reason);
  if (!isRight) {
    const expected = allowed.length === 0 ? "an access token" : allowed.join(" or ");
    report("I9", `got ${told.reason ?? "an access token"} instead of ${expected}`);
  }
}

/** None: only success is right. */
function allowedReasons(rotation: Rotation, ended: State): readonly string[] {
  const { row, provider, isForfeited } = ended;
  if (row?.frozenAt !== undefined) {
    return ["frozen"];
  }
  if (row?.status === "disconnected" || row?.status === "disconnecting") {
    return [row.reason ?? "disconnected"];
  }
  if (isUsable(ended)) {
    return [];
  }
  const family = provider.families[storedToken(row)?.family ?? 0];
  if (family?.isEndedByUser === true) {
    return ["refresh_token_refused", "in_doubt"];
  }
  return rotation === "strict" && isForfeited ? ["in_doubt"] : [];
}
