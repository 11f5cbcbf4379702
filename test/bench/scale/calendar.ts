/** When each agent does what: decided by the seed alone, so that an outage moves nothing in it. */
import type { EpochMs } from "../../../lambda/model";
import { busyness, DAY, HOUR_MS } from "./demand";
import { streamOf } from "./random";
import type { Scenario } from "./scenario";

export interface Plan {
  readonly at: EpochMs;
  readonly kind: "load" | "sign-in";
}

const DAY_HOURS = 24;

/** @param midnight of the day that is played */
export function planOf(scenario: Scenario, agent: number, midnight: EpochMs): readonly Plan[] {
  const random = streamOf(scenario.seed, agent);
  const { from, hours } = scenario;
  const begin = midnight + from * HOUR_MS;
  const end = begin + hours * HOUR_MS;
  const plans = [...visits(random, midnight), ...herds(random, midnight, scenario.herd)];
  return plans.filter(({ at }) => at >= begin && at < end).sort((one, other) => one.at - other.at);
}

/** Visits begin as the day is busy; the loads of each follow at random intervals. */
function visits(random: () => number, midnight: EpochMs): readonly Plan[] {
  const plans: Plan[] = [];
  for (let visit = 0; visit < DAY.visits; visit += 1) {
    let at = midnight + busyHour(random) * HOUR_MS;
    const isSignIn = random() < DAY.signIns / DAY.visits;
    for (let load = 0; load < DAY.loadsPerVisit; load += 1) {
      plans.push({ at, kind: isSignIn && load === 0 ? "sign-in" : "load" });
      at += -Math.log(1 - random()) * DAY.loadSeconds * 1000;
    }
  }
  return plans;
}

function busyHour(random: () => number): number {
  for (;;) {
    const hour = random() * DAY_HOURS;
    if (random() * DAY.peakToMean < busyness(hour)) {
      return hour;
    }
  }
}

function herds(
  random: () => number,
  midnight: EpochMs,
  { share, seconds }: Scenario["herd"],
): readonly Plan[] {
  return Array.from({ length: DAY_HOURS }, (_, hour) => ({
    isThere: random() < share,
    at: midnight + hour * HOUR_MS + random() * seconds * 1000,
  })).flatMap(({ isThere, at }) => (isThere ? [{ at, kind: "load" } as const] : []));
}
