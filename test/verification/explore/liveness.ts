/**
 * When all callers have ended, a later caller must find a grant that works, once the queue is empty
 * and leases and cooldowns are over (I9).
 */
import { MAX_MIN_VALIDITY_SECONDS } from "../../../lambda/facts";
import { isEnded } from "../../../lambda/grant/grant-id";
import { checkState } from "./invariants";
import type { Rotation } from "./provider";
import { drainQueue, runAlone } from "./quiesce";
import type { End } from "./run";
import type { Scenario } from "./scenario";
import { IDLE_CALLER, type State } from "./state";
import { isUsable, storedToken } from "./stored";
import type { Report, Violation } from "./violation";

/** Within this time a grant works again, after any fault. */
const MAX_PAUSE_MS = 25_000;

export function isOver({ callers }: State): boolean {
  return callers.every(({ status }) => status === "ended");
}

export async function checkLiveness(
  scenario: Scenario,
  ended: State,
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const report: Report = (invariant, text) => {
    if (scenario.rules.isSuspended?.includes(invariant) !== true) {
      violations.push({ invariant, text: `${text} (a later caller)` });
    }
  };
  checkLoad(scenario, ended, report);
  const served = await drainQueue(scenario, ended, violations);
  const { row } = served;
  const ready = Math.max(served.now, row?.lease?.expiresAt ?? 0, row?.cooldown?.until ?? 0);
  const rest = ready - ended.now;
  if (rest > MAX_PAUSE_MS) {
    report("I9", `the grant rests for ${String(rest / 1000)} s`);
  }
  const stale = Math.max(ready, row?.accessToken?.expiresAt ?? 0) + 1;
  const alone = { ...served, callers: [...served.callers, IDLE_CALLER], now: stale };
  const { told, state } = await runAlone(scenario, alone, violations);
  judge(scenario, served, { told, report });
  checkState(scenario, state, report);
  if (told.accessToken !== undefined && !isUsable(state)) {
    report("I2", "what the later caller left is of no use");
  }
  return violations;
}

/** One refresh serves all callers while its access token is valid. */
function checkLoad({ configuration }: Scenario, { provider }: State, report: Report): void {
  const { roles, crashes, losses, lifetimeMs = 0 } = configuration;
  const callers = roles.filter((role) => role === "access").length;
  const isShared =
    lifetimeMs > MAX_MIN_VALIDITY_SECONDS * 1_000 &&
    crashes + losses === 0 &&
    callers === roles.length;
  const signIns = roles.filter((role) => role === "sign-in" || role === "stale sign-in").length;
  const most = isShared ? 1 : callers * (1 + signIns) + crashes + losses;
  if (provider.exchanges.length > most) {
    report("I10", `${String(provider.exchanges.length)} exchanges`);
  }
}

function judge(
  { configuration }: Scenario,
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

/** Empty: only success is allowed. */
function allowedReasons(rotation: Rotation, ended: State): readonly string[] {
  const { row, provider, isLossExcused } = ended;
  if (row?.frozenAt !== undefined) {
    return ["frozen"];
  }
  if (row?.status === "disconnected" || row?.status === "disconnecting") {
    return [row.reason ?? "disconnected"];
  }
  if (row !== undefined && isEnded(row, ended.endedAt)) {
    return [row.status === "active" ? "disconnected" : row.reason];
  }
  if (isUsable(ended)) {
    return [];
  }
  const family = provider.families[storedToken(row)?.family ?? 0];
  if (family?.isEndedByUser === true) {
    return ["refresh_token_refused", "in_doubt"];
  }
  return rotation === "strict" && isLossExcused ? ["in_doubt"] : [];
}
