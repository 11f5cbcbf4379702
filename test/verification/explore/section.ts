/** What the exploration measured, as a section of `docs/reliability.md`. */
import type { Machine } from "./machine";

export interface Explored {
  readonly name: string;
  readonly rotation: string;
  readonly crashes: number;
  readonly losses: number;
  readonly schedules: number;
  readonly states: number;
  readonly steps: number;
  readonly ends: number;
  readonly forfeited: number;
  readonly runs: number;
  readonly violations: number;
  readonly isComplete: boolean;
  readonly seconds: number;
}

export interface ExploreResult extends Machine {
  readonly seconds: number;
  readonly explored: readonly Explored[];
  readonly variants: readonly {
    readonly name: string;
    readonly expected: readonly string[];
    readonly broken: readonly string[];
    readonly steps: number;
    readonly isCaught: boolean;
  }[];
}

const number = (value: number): string =>
  value > Number.MAX_SAFE_INTEGER ? value.toExponential(2) : value.toLocaleString("en-US");

export function section(result: ExploreResult): string {
  const { explored, variants, date, node, cpu, seconds } = result;
  const violations = explored.reduce((sum, one) => sum + one.violations, 0);
  const isComplete = explored.every((one) => one.isComplete);
  return [
    "## Every schedule, without a gap",
    "",
    "`npm run proof:explore` leads the real use-case code through every order of its port calls, with crashes before and after each, lost requests and answers, a store that",
    "errs or stays down, leases and grace times that run out. The invariants are looked at after every step, and at each end a later caller comes alone and must be served.",
    "",
    `${number(violations)} violations; the search was ${isComplete ? "complete" : "NOT complete"}. ${date}, Node ${node}, ${cpu}, ${number(seconds)} s in all on one core.`,
    "",
    "| provider | who | crashes | lost answers | schedules | states | a later caller must sign in | s |",
    "| --- | --- | --: | --: | --: | --: | --: | --: |",
    ...explored.map(
      (one) =>
        `| ${one.rotation} | ${one.name} | ${number(one.crashes)} | ${number(one.losses)} | ${number(one.schedules)} | ${number(one.states)} | ${number(one.forfeited)} of ${number(one.ends)} ends | ${number(one.seconds)} |`,
    ),
    "",
    "A schedule is a maximal execution; a state is counted once, however many schedules pass it, and whichever of two callers stands where. Where a strict provider's only successor died with the one process that had it (K9 to",
    "K11, or an answer that never came), the grant is marked `in_doubt` in every such end; nothing else ever asks for a sign-in. Not explored: that whoever exchanges for the queue is so slow that the next item",
    "comes due meanwhile (it could be so without end; whoever brings a spilled successor may be), and clocks that differ by more than the lease allows for.",
    "",
    "The checker is checked: each rule broken on purpose is found.",
    "",
    "| broken rule | found | in a schedule of |",
    "| --- | --- | --: |",
    ...variants.map(
      ({ name, broken, steps }) =>
        `| ${name} | ${broken.length === 0 ? "nothing" : broken.join(", ")} | ${broken.length === 0 ? "" : `${number(steps)} steps`} |`,
    ),
    "",
  ].join("\n");
}
