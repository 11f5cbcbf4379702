/**
 * docs/decisions: one form for all records, and an index that has each of them and explains each
 * gap.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "..", "docs", "decisions");
const FORM =
  /^# (?<number>\d{4}) (?<title>[^\n]+)\n\n- Date: (?<date>\d{4}-\d\d-\d\d)\n- Status: (?<status>(?:accepted|superseded|rejected)\b[^]*?)\n\n/;

const read = (file: string) => readFileSync(join(FOLDER, file), "utf8");
const records = readdirSync(FOLDER)
  .filter((file) => file !== "README.md")
  .sort();
const index = read("README.md")
  .split("\n")
  .filter((line) => /^\| \[?\d{4}/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()));

test.each(records)("%s has number, title, date and status, as the index says", (file) => {
  const { number, title, date, status } = FORM.exec(read(file))?.groups ?? {};
  expect(number).toBe(file.slice(0, 4));
  const isAmended = /amended|extended/.test(status ?? "");
  const said = `${status?.split(/\W/)[0] ?? ""}${isAmended ? ", amended" : ""}`;
  expect(index).toContainEqual(["", `[${number ?? ""}](${file})`, title, date, said, ""]);
});

test("the index counts without a gap, and has a record or says that there is none", () => {
  const numbers = index.map((cells) => Number(/\d{4}/.exec(cells[1] ?? "")?.[0]));
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  const used = index.filter((cells) => cells[4] !== "not used");
  expect(used.map((cells) => /\((.*)\)/.exec(cells[1] ?? "")?.[1])).toEqual(records);
});
