/**
 * `npm run test:providers [-- FLAGS]`: the whole stack beside real OpenID providers. `--prepare`
 * only puts them on this machine, `--long` plays everything and records what was seen for
 * `npm run docs:providers`. All other flags are jest's.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../support/imports";
import { type Absent, prepare } from "./prepare";
import { readColumns, RESULTS, type Results, RUN_FOLDER } from "./results";

async function main([...flags]: readonly string[]): Promise<number> {
  const take = (flag: string) => flags.includes(flag) && flags.splice(flags.indexOf(flag), 1);
  const isLong = take("--long") !== false;
  const onlyPrepare = take("--prepare") !== false;
  const absent = await prepare({ isPatient: isLong || onlyPrepare });
  if (onlyPrepare) {
    return 0;
  }
  rmSync(RUN_FOLDER, { recursive: true, force: true });
  const code = await runJest(flags, isLong);
  if (isLong) {
    record(absent);
  }
  return code;
}

async function runJest(flags: readonly string[], isLong: boolean): Promise<number> {
  const jest = join(ROOT, "node_modules", "jest", "bin", "jest.js");
  const child = spawn(process.execPath, [jest, "--selectProjects", "providers", ...flags], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, PROVIDERS_LONG: String(isLong) },
  });
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
}

function record(absent: Absent): void {
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    columns: readColumns(),
    skipped: absent,
  };
  mkdirSync(dirname(RESULTS), { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
    process.exit(1);
  },
);
