/**
 * `rollup-vault adopt`: after `cdk destroy` tables, keys, secret and queues are still there. Prints
 * which they are, for `cdk import`; reads files only.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import type { Terminal } from "../admin/act";
import { AdminError } from "../admin/admin-error";
import { type DataTemplate, mappingOf } from "./mapping";

interface Options {
  readonly stage: string;
  readonly outputs?: string;
  readonly template?: string;
}

/** @returns the exit code: 0 done, 1 failed, 2 wrong usage */
export function runAdopt(args: readonly string[], terminal: Omit<Terminal, "ask">): number {
  const program = new Command("rollup-vault").exitOverride().configureOutput({
    writeOut: terminal.write,
    writeErr: terminal.fail,
  });
  program
    .command("adopt")
    .description("prints the resource mapping with which cdk import takes a destroyed stack's data")
    .requiredOption("--stage <name>", "the stage that is deployed again")
    .option("--outputs <file>", "of its last deployment (outputs-<stage>.json)")
    .option("--template <file>", "of cdk synth (cdk.out/RollupVault-<stage>-Data.template.json)")
    .action(({ stage, outputs, template }: Options) => {
      const stack = `RollupVault-${stage}-Data`;
      const all = readJson(outputs ?? `outputs-${stage}.json`) as Outputs;
      const own = all[stack];
      if (own === undefined) {
        throw new AdminError(`the outputs have nothing of ${stack}`);
      }
      const synthesized = readJson(template ?? `cdk.out/${stack}.template.json`) as DataTemplate;
      terminal.write(`${JSON.stringify(mappingOf(synthesized, own), null, 2)}\n`);
    });
  try {
    program.parse([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : 2;
    }
    if (error instanceof AdminError) {
      terminal.fail(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

type Outputs = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch {
    throw new AdminError(`${file} cannot be read as JSON: name another one, or make it`);
  }
}

/** Called by bin/rollup-vault.cjs. */
export function main(): void {
  const { stdout, stderr } = process;
  process.exitCode = runAdopt(process.argv.slice(2), {
    write: (text) => stdout.write(text),
    fail: (text) => stderr.write(text),
  });
}
