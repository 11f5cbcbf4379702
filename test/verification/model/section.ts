/** The model's results as a section of docs/reliability.md, and of docs/model/README.md. */
import type { Machine } from "../explore/machine";
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
    `${String(searches.length)} searches of \`docs/model/refresh.pml\` over ${count(states)} states in ${seconds.toFixed(0)} s (${versions.spin}, ${versions.gcc}, ${cpu}, ${date}). Each one that holds is`,
    "exhaustive: every order of steps, with every fault of its kind and number at every step. Three callers and a later one, unless said.",
    ...groups.flatMap((group) => table(group, searches)),
    "",
  ].join("\n");
}

/** docs/model/results.md: the same, one level up. */
export function results(result: ModelResult): string {
  return section(result).replace(/^##/gm, "#");
}

function table(group: string, searches: ModelResult["searches"]): readonly string[] {
  return [
    "",
    `### ${group}`,
    "",
    "| provider: case | verdict | states | because, and the assertion that fails |",
    "| --- | --- | --- | --- |",
    ...searches.filter((search) => search.group === group).map(row),
  ];
}

function row({ title, verdict, expected, states, why, assertion, state }: ModelCase & Search) {
  const said = verdict === expected ? verdict : `**${verdict}, expected: ${expected}**`;
  const failing = assertion === undefined ? "" : `\`${readable(assertion)}\` at ${state ?? ""}`;
  const because = [why, failing].filter(Boolean).join("; ");
  return `| ${title} | ${said} | ${count(states)} | ${because.replaceAll("|", "\\|")} |`;
}

function readable(assertion: string): string {
  return assertion.replace(/^assertion violated\s*/, "");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
