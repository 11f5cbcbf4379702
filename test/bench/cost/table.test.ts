import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bill, total } from "./bill";
import { readCounts, readPrices } from "./counts";
import { costTable } from "./table";

const README = readFileSync(join(__dirname, "../../../README.md"), "utf8");
const words = (text: string) => text.replaceAll(/-{2,}/g, "--").replaceAll(/[ \t]+/g, " ");

test("the README has the table of `npm run cost -- --markdown`", () => {
  expect(words(README)).toContain(words(costTable(readCounts(), readPrices().items)));
});

test("its first screen says what the table says, rounded", () => {
  const usage = { calls: 300, refreshPercent: 10, signIns: 4 };
  const { items } = readPrices();
  const monthly = (users: number) => total(bill({ users, ...usage }, readCounts(), items));
  const [, few = "", many = ""] =
    /about \$(\d+) a month for 1,000 users and \$(\d+) for 100,000/.exec(README) ?? [];
  expect(Number(few)).toBe(Math.round(monthly(1_000)));
  expect(Number(many)).toBe(Math.round(monthly(100_000) / 10) * 10);
});
