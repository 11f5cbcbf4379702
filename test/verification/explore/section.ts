/** The exploration's section of `docs/reliability.md`. */
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
    "`npm run proof:explore` runs the real use-case code through every order of its port calls. It adds crashes before and after each call,",
    "lost requests and answers, a store that fails once or stays down, and leases and grace times that run out. It checks the",
    "[invariants](security-requirements.md#invariants) after every step. At each end a later caller comes alone and must get an access token.",
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
    "A schedule is a maximal execution. A state counts once, however many schedules pass through it, and callers are interchangeable. A strict provider's successor can die with the only process that holds it",
    "([K9 to K11](security-requirements.md#kill-points), or an answer that never came): every such end marks the grant `in_doubt`. Nothing else ever asks for a sign-in.",
    "",
    "Two things are not explored. A queue consumer that refreshes never takes so long that the next item comes due meanwhile (that could go on without end); one that stores a spilled successor may.",
    "And clocks never differ by more than the lease allows for.",
    "",
    "The checker is checked, too: it finds each rule that is broken on purpose.",
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
