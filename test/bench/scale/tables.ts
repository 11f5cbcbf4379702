/** The tables of docs/scale.md. */
import type { Counts } from "../cost/bill";
import { BILLED_MS } from "../cost/bill";
import type { QuotaFile } from "../cost/quotas";
import { peakOf } from "./demand";
import { paperRows, type Row } from "./paper";

const MILLION = 1_000_000;
const DECADES = Array.from({ length: 9 }, (_, power) => 10 ** power);

export function quotaTable(counts: Counts, quotas: QuotaFile): string {
  return table(
    ["met at users", "limit", "a million users take", "limit of", "what moves it"],
    paperRows(counts, quotas).map(({ title, source, limit, unit, use, metAt, setting }) => [
      rounded(metAt),
      `${rounded(limit)}${unit}`,
      rounded(use * MILLION),
      source === undefined ? title : `[${title}](${source})`,
      setting,
    ]),
    [0, 1, 2],
  );
}

/** What each power of ten asks for in its busiest second, and which limits that exceeds. */
export function decadeTable(counts: Counts, quotas: QuotaFile): string {
  const peak = peakOf();
  const rows = paperRows(counts, quotas);
  const per = {
    calls: peak.kept + peak.refresh + peak.signIn,
    executions:
      (peak.kept * BILLED_MS.kept_opened_by_kms +
        peak.refresh * BILLED_MS.refresh +
        peak.signIn * BILLED_MS.sign_in) /
      1000,
  };
  return table(
    ["users", "calls/s", "refreshes/s", "executions", "limits met by then"],
    DECADES.map((users) => [
      users.toLocaleString("en-US"),
      rounded(users * per.calls),
      rounded(users * peak.refresh),
      rounded(users * per.executions),
      namesOf(rows.filter(({ metAt }) => metAt <= users && metAt > users / 10)),
    ]),
    [0, 1, 2, 3],
  );
}

function namesOf(rows: readonly Row[]): string {
  return rows.map(({ name }) => name).join(", ") || "none";
}

/** Three digits are more than the assumptions deserve. */
export function rounded(value: number): string {
  if (value === Infinity) {
    return "never";
  }
  const precise = Number(value.toPrecision(value >= 10_000 ? 3 : 2));
  return precise.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, at) => (numbers.includes(at) ? "--:" : "---"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
