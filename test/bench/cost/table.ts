/** The README's table of costs. */
import { bill, type Counts, type Item, type Prices, total } from "./bill";

const USERS = [1_000, 100_000, 10_000_000];
const USAGE = { calls: 300, refreshPercent: 10, signIns: 4 };

const GROUPS: readonly (readonly [string, readonly Item[]])[] = [
  ["HTTP API and Lambda", ["httpApi", "lambdaRequests", "lambdaDuration"]],
  ["DynamoDB", ["dynamoReads", "dynamoWrites", "dynamoStorage", "dynamoBackup"]],
  ["KMS and Secrets Manager", ["kmsRequests", "kmsKeys", "secrets"]],
  ["Logs", ["logs"]],
  [
    "Metrics, alarms, dashboard",
    ["customMetrics", "alarmMetrics", "compositeAlarms", "dashboards"],
  ],
];

export function costTable(counts: Counts, prices: Prices): string {
  const bills = USERS.map((users) => bill({ users, ...USAGE }, counts, prices));
  const dollars = (usd: number): string =>
    `$${usd.toLocaleString("en-US", { maximumFractionDigits: usd < 100 ? 2 : 0 })}`;
  const row = (title: string, cells: readonly string[]): string =>
    `| ${[title, ...cells].join(" | ")} |`;
  return [
    row(
      "users",
      USERS.map((users) => users.toLocaleString("en-US")),
    ),
    row(
      "---",
      USERS.map(() => "--:"),
    ),
    ...GROUPS.map(([title, items]) =>
      row(
        title,
        bills.map((lines) => dollars(total(lines.filter(({ item }) => items.includes(item))))),
      ),
    ),
    row(
      "**a month**",
      bills.map((lines) => `**${dollars(total(lines))}**`),
    ),
  ].join("\n");
}
