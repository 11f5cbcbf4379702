/** Plays many random schedules and counts. */
import { forgetKeys } from "../explore/state-key";
import { play, type Played } from "./play";

export interface Tally {
  readonly runs: number;
  readonly steps: number;
  readonly crashes: number;
  readonly losses: number;
  readonly faulty: number;
  /** Strict: runs that destroyed the only copy of a successor. An unmarked one is a violation. */
  readonly forfeited: number;
  readonly byRotation: Readonly<Record<string, number>>;
  /** Runs that broke an invariant; the first few. */
  readonly broken: readonly number[];
}

export const NOTHING: Tally = {
  runs: 0,
  steps: 0,
  crashes: 0,
  losses: 0,
  faulty: 0,
  forfeited: 0,
  byRotation: {},
  broken: [],
};

const FORGET_EVERY = 1_000;
const MAX_BROKEN = 10;

function add(tally: Tally, run: number, played: Played): Tally {
  const { rotation } = played.configuration;
  const isBroken = played.violations.length > 0 && tally.broken.length < MAX_BROKEN;
  return {
    runs: tally.runs + 1,
    steps: tally.steps + played.steps,
    crashes: tally.crashes + played.crashes,
    losses: tally.losses + played.losses,
    faulty: tally.faulty + (played.crashes + played.losses > 0 ? 1 : 0),
    forfeited: tally.forfeited + (played.isLossExcused ? 1 : 0),
    byRotation: { ...tally.byRotation, [rotation]: (tally.byRotation[rotation] ?? 0) + 1 },
    broken: isBroken ? [...tally.broken, run] : tally.broken,
  };
}

export function sum(one: Tally, other: Tally): Tally {
  const rotations = new Set([...Object.keys(one.byRotation), ...Object.keys(other.byRotation)]);
  return {
    runs: one.runs + other.runs,
    steps: one.steps + other.steps,
    crashes: one.crashes + other.crashes,
    losses: one.losses + other.losses,
    faulty: one.faulty + other.faulty,
    forfeited: one.forfeited + other.forfeited,
    byRotation: Object.fromEntries(
      [...rotations].map((name) => [
        name,
        (one.byRotation[name] ?? 0) + (other.byRotation[name] ?? 0),
      ]),
    ),
    broken: [...one.broken, ...other.broken].slice(0, MAX_BROKEN),
  };
}

/** Runs `from` up to, not including, `to`. */
export async function playSeries(
  { seed, from, to }: { readonly seed: number; readonly from: number; readonly to: number },
  start: Tally = NOTHING,
): Promise<Tally> {
  let tally = start;
  for (let run = from; run < to; run += 1) {
    tally = add(tally, run, await play(seed, run));
    if (run % FORGET_EVERY === 0) {
      forgetKeys();
    }
  }
  return tally;
}
