/** What the bench prints. */
import type { PartName, Row } from "./results";
import type { Interval } from "./statistics";
import type { Judged, Verdict } from "./verdict";

const NAME_WIDTH = 26;
const CANDIDATE_WIDTH = 16;

export function rowLines(part: PartName, rows: readonly Row[]): readonly string[] {
  return [part, ...rows.map(rowLine)];
}

function rowLine({ name, node = "", candidate, figures, ratios = {}, counts = {} }: Row): string {
  const cells = [
    ...Object.entries(figures).map(([figure, { median }]) => `${figure} ${digits(median)}`),
    ...Object.entries(ratios).map(([other, { median }]) => `×${digits(median)} ${other}`),
    ...Object.entries(counts).map(([count, value]) => `${count} ${value}`),
  ];
  const head = `  ${node.padEnd(3)} ${name.padEnd(NAME_WIDTH)} ${candidate.padEnd(CANDIDATE_WIDTH)}`;
  return `${head} ${cells.join(", ")}`;
}

function rangeOf({ median, low, high }: Interval): string {
  return low === high
    ? median.toLocaleString("en-US")
    : `${digits(median)} [${digits(low)} to ${digits(high)}]`;
}

function digits(value: number): string {
  const precision = Math.abs(value) >= 100 ? 3 : 2 + Number(Math.abs(value) >= 1);
  return Number(value.toPrecision(precision)).toLocaleString("en-US");
}

const SAID: Readonly<Record<Verdict, string>> = {
  held: "holds",
  unclear: "above, within the noise",
  known: "MISSED, known",
  missed: "MISSED",
  absent: "not measured",
};

/** One line for each budget and row. */
export function checkLines(judged: readonly Judged[]): readonly string[] {
  return judged.map(({ budget, row, value, verdict }) => {
    const { title, most, known } = budget;
    const where = row === undefined ? "" : ` (${row.name})`;
    const range = value === undefined ? "" : ` ${rangeOf(value)}`;
    const why =
      verdict === "known" && known ? `: ${known.reason} (docs/decisions/${known.decision})` : "";
    return `${SAID[verdict].padEnd(24)}${title}${where}:${range}, at most ${most}${why}`;
  });
}
