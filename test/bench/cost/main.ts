/**
 * `npm run cost [-- --users 100000 --calls 300]`: the monthly bill, item by item, from the counts
 * in counts.json and the list prices in prices.json. `--markdown`: the README's table.
 */
import { InvalidArgumentError, program } from "commander";
import { wholeNumberFrom } from "../whole-number";
import { bill, BILLED_MS, type Line, total, type Usage } from "./bill";
import { readCounts, readPrices } from "./counts";
import { costTable } from "./table";

const count = wholeNumberFrom(0);

function percent(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !(number >= 0 && number <= 100)) {
    throw new InvalidArgumentError("it is a number from 0 to 100");
  }
  return number;
}

function row({ title, amount, unit, usd }: Line): string {
  const many = amount.toLocaleString("en-US", { maximumFractionDigits: amount < 10 ? 3 : 0 });
  return `${title.padEnd(36)}${many.padStart(16)} ${unit.padEnd(22)}${usd.toFixed(2).padStart(12)}`;
}

function show(usage: Usage): void {
  const { items, date, region, note } = readPrices();
  const lines = [...bill(usage, readCounts(), items)].sort((one, other) => other.usd - one.usd);
  const ran = Object.entries(BILLED_MS).map(([route, ms]) => `${route} ${String(ms)}`);
  process.stdout.write(
    `${[
      `${usage.users.toLocaleString("en-US")} users, each with ${String(usage.calls)} access token ` +
        `calls (${String(usage.refreshPercent)} % of them refresh) and ${String(usage.signIns)} ` +
        "sign-ins a month",
      "",
      ...lines.map(row),
      `${"a month, in US dollars".padEnd(75)}${total(lines).toFixed(2).padStart(12)}`,
      "",
      `Prices of ${region}, ${date}. ${note}`,
      `Counted: capacity units, KMS requests, bytes, alarms. Assumed: metrics that have values, and milliseconds (${ran.join(", ")}).`,
      "Not in it: data transfer, tracing, backups that leave the account.",
    ].join("\n")}\n`,
  );
}

program
  .name("npm run cost --")
  .description("What a deployment costs in a month")
  .option("--users <number>", "users", count, 100_000)
  .option("--calls <number>", "calls of POST /me/access-token per user and month", count, 300)
  .option("--refresh-percent <number>", "how many of 100 calls refresh", percent, 10)
  .option("--sign-ins <number>", "sign-ins per user and month", count, 4)
  .option("--markdown", "the table of the README instead")
  .action((options: Usage & { readonly markdown?: true }) => {
    if (options.markdown === true) {
      process.stdout.write(`${costTable(readCounts(), readPrices().items)}\n`);
    } else {
      show(options);
    }
  })
  .parse();
