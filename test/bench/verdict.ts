/** Whether a figure is within its budget. Pure. */
import type { Budget } from "./budgets";
import type { Results, Row } from "./results";
import type { Interval } from "./statistics";

export type Verdict =
  /** Within the budget. */
  | "held"
  /** Above it, by less than the noise. */
  | "unclear"
  /** Above it, for a reason that is known, and no worse than when that was written down. */
  | "known"
  | "missed"
  /** Not measured. */
  | "absent";

export interface Judged {
  readonly budget: Budget;
  readonly row?: Row;
  readonly value?: Interval;
  readonly verdict: Verdict;
}

/** A budget is missed where all of the interval is above it: no luck of rounds explains that. */
export function judge(value: Interval, { most, known }: Pick<Budget, "most" | "known">): Verdict {
  if (value.median <= most) {
    return "held";
  }
  if (known !== undefined && value.low <= known.ceiling) {
    return "known";
  }
  return value.low <= most ? "unclear" : "missed";
}

/** Each budget for each row that it is for. */
export function judgeAll(budgets: readonly Budget[], results: Results): readonly Judged[] {
  return budgets.flatMap((budget): readonly Judged[] => {
    const rows = (results[budget.part]?.rows ?? []).filter((row) => isFor(budget, row));
    const judged = rows.flatMap((row) => {
      const value = valueOf(budget, row);
      return value === undefined ? [] : [{ budget, row, value, verdict: judge(value, budget) }];
    });
    // A count that is the same for any number of users is said once.
    const distinct = new Map(
      judged.map((one) => [`${one.row.name} ${JSON.stringify(one.value)}`, one]),
    );
    return judged.length === 0 ? [{ budget, verdict: "absent" }] : [...distinct.values()];
  });
}

function isFor({ rows, node, candidate = "ours" }: Budget, row: Row): boolean {
  const isNamed = rows === "every" || rows.includes(row.name);
  return isNamed && row.candidate === candidate && (node === undefined || row.node === node);
}

function valueOf({ of, against }: Budget, { ratios, counts, figures }: Row): Interval | undefined {
  if (against !== undefined) {
    return ratios?.[against];
  }
  const count = counts?.[of ?? ""];
  return count === undefined ? figures[of ?? ""] : { median: count, low: count, high: count };
}
