/** When all have ended: somebody comes alone, once the queue is empty and leases and cooldowns are over, and must find a grant that works (I9). */
import { comeAlone, emptyQueue } from "./alone";
import { checkState } from "./invariants";
import type { Report, Violation } from "./violation";
import { isEnded } from "../../../lambda/use-cases/grant-id";
import type { Rotation } from "./provider";
import type { End } from "./run";
import type { Setting } from "./setting";
import { NOBODY, type State } from "./state";
import { isUsable, storedToken } from "./stored";

/** How soon a grant works again, whatever happened. */
const MAX_PAUSE_MS = 25_000;

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
  if (row !== undefined && isEnded(row, ended.endedAt)) {
    return [row.status === "active" ? "disconnected" : (row.reason ?? "disconnected")];
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
