/** The random schedules' section of `docs/reliability.md`. */
import type { Machine } from "../explore/machine";
import type { Tally } from "./series";

export interface RandomResult extends Machine, Tally {
  readonly seed: number;
  readonly shards: number;
  readonly seconds: number;
}

const number = (value: number): string => value.toLocaleString("en-US");

export function section(result: RandomResult): string {
  const { runs, steps, faulty, crashes, losses, forfeited, byRotation, broken } = result;
  const kinds = Object.entries(byRotation)
    .sort()
    .map(([kind, count]) => `${number(count)} ${kind}`)
    .join(", ");
  return [
    "## Random schedules beyond that size",
    "",
    "`npm run proof:random` plays the same world with up to eight callers at once, three crashes and two lost answers. Some of the callers sign in again, disconnect, erase or freeze.",
    "The real code runs each schedule from beginning to end under the same [invariants](security-requirements.md#invariants).",
    "",
    `${number(runs)} runs (${kinds}), ${number(steps)} steps; ${number(faulty)} of them with faults: ${number(crashes)} crashes, ${number(losses)} lost or failed answers.`,
    `**Violations: ${broken.length === 0 ? "none" : `${number(broken.length)} (number ${broken.join(", ")} of this seed)`}.** With a strict provider ${number(forfeited)} runs destroyed the only copy of a successor; each of them ended with the grant marked \`in_doubt\`.`,
    "",
    `Seed ${String(result.seed)}; ${result.date}, Node ${result.node}, ${result.cpu}, ${number(result.seconds)} s in ${String(result.shards)} process${result.shards === 1 ? "" : "es"}.`,
    "",
  ].join("\n");
}
