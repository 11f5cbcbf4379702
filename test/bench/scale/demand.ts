/**
 * A day of people, as numbers: when they come and how often they ask. All of it is assumed, and
 * docs/scale.md says so. The paper and the simulation read the same values.
 */

export const DAY = {
  /** Visits of one person a day. */
  visits: 1,
  /** Pages of a visit that are loaded anew; each asks for an access token once. */
  loadsPerVisit: 10,
  /** Seconds between two loads, on average. */
  loadSeconds: 240,
  /** Sign-ins of one person a day: four a month, as `npm run cost` has it. */
  signIns: 4 / 30,
  /** The busiest hour's rate over the day's mean. */
  peakToMean: 1.8,
  /** Hour of the day, UTC. */
  peakHour: 14,
  /** Share of all people whose scheduled jobs ask at each full hour. */
  herdShare: 0.005,
  /** They ask within this many seconds. */
  herdSeconds: 20,
} as const;

export const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const DAY_SECONDS = 86_400;

/** How busy an hour of the day is, over the day's mean. */
export function busyness(hour: number): number {
  const swing = DAY.peakToMean - 1;
  return 1 + swing * Math.cos((2 * Math.PI * (hour - DAY.peakHour)) / DAY_HOURS);
}

/** Calls per second of one person, in the busiest second of a day. */
export interface Peak {
  readonly kept: number;
  readonly refresh: number;
  readonly signIn: number;
}

/**
 * In the busiest second the herd of the busiest hour is there, too. The first load of a visit
 * refreshes, and so does each of the herd, whose tokens are an hour old; the other loads are kept.
 */
export function peakOf(usage = DAY): Peak {
  const visit = (usage.visits / DAY_SECONDS) * usage.peakToMean;
  return {
    refresh: visit + usage.herdShare / usage.herdSeconds,
    kept: visit * (usage.loadsPerVisit - 1),
    signIn: (usage.signIns / DAY_SECONDS) * usage.peakToMean,
  };
}
