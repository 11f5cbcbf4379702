/** The model's results for docs/reliability.md and docs/model/README.md. */
import type { Machine } from "../explore/machine";
import { wrapProse } from "../prose";
import type { ModelCase } from "./cases";
import type { Search } from "./spin";

export interface ModelResult extends Machine {
  readonly versions: { readonly spin: string; readonly gcc: string };
  readonly seconds: number;
  readonly searches: readonly (ModelCase & Search)[];
}

export function section(result: ModelResult): string {
  const { date, cpu, versions, seconds, searches } = result;
  const groups = [...new Set(searches.map(({ group }) => group))];
  const states = searches.reduce((sum, search) => sum + search.states, 0);
  return [
    "## Formal model",
    "",
    `${String(searches.length)} searches of \`docs/model/refresh.pml\` over ${count(states)} states in ${seconds.toFixed(0)} s`,
    `(${versions.spin}, ${versions.gcc}, ${cpu}, ${date}). A search that holds is exhaustive: it tries every`,
    "order of steps, with every fault of its kind and number at every step. It has three callers and a",
    "later one unless its title says otherwise. `docs/reliability/model.json` has the last state of each",
    "counterexample; A numbers are [assumptions](security-requirements.md#assumptions).",
    ...groups.flatMap((group) => table(group, searches)),
    "",
  ].join("\n");
}

/** The same for docs/model/results.md, one heading level up. */
export function results(result: ModelResult): string {
  const text = section(result).replace(/^##/gm, "#").replaceAll("](security", "](../security");
  return `${wrapProse(text.trim())}\n`;
}

function table(group: string, searches: ModelResult["searches"]): readonly string[] {
  return [
    "",
    `### ${group}`,
    "",
    "| provider: case | verdict | states | why, and the assertion that fails |",
    "| --- | --- | --- | --- |",
    ...searches.filter((search) => search.group === group).map(row),
  ];
}

function row({ title, verdict, expected, states, why, assertion }: ModelCase & Search) {
  const said = verdict === expected ? verdict : `**${verdict}, expected: ${expected}**`;
  const failing = assertion === undefined ? "" : `\`${readable(assertion)}\``;
  const because = [why, failing].filter(Boolean).join("; ");
  return `| ${title} | ${said} | ${count(states)} | ${because.replaceAll("|", "\\|")} |`;
}

function readable(assertion: string): string {
  return assertion.replace(/^assertion violated\s*/, "");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
