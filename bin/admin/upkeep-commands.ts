/** `rollup-vault admin sweep` and `restored`. */
import type { Command } from "commander";
import { AdminError } from "./admin-error";
import type { Operator } from "./operator";
import { type Report, reportPlan, reportRestored, reportSweep } from "./show";

export interface UpkeepCommandOptions {
  readonly act: (
    work: (operator: Operator, ...args: never[]) => Promise<Report>,
  ) => (...args: unknown[]) => Promise<void>;
  readonly terminal: { readonly ask: ((question: string) => Promise<string>) | undefined };
  readonly pageSize: (text: string) => number;
}

const WORD = "restored";

export function addUpkeepCommands(
  admin: Command,
  { act, terminal, pageSize }: UpkeepCommandOptions,
): void {
  admin
    .command("sweep")
    .description(
      "finishes erasures and disconnects that broke off, and sends what is due to be renewed",
    )
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--limit <n>", "with --dry-run: name at most so many of each", pageSize, 50)
    .action(
      act(async (operator, { dryRun, limit }: SweepOptions) =>
        dryRun === true
          ? reportPlan(await operator.plan(limit))
          : reportSweep(await operator.sweep()),
      ),
    );
  admin
    .command("restored")
    .description("the table of refresh tokens came back from a backup, just now")
    .option("--yes", "do not ask")
    .action(
      act(async (operator, { yes }: { readonly yes?: true }) => {
        await confirm(terminal.ask, yes === true);
        return reportRestored(await operator.restored());
      }),
    );
}

interface SweepOptions {
  readonly dryRun?: true;
  readonly limit: number;
}

async function confirm(
  ask: UpkeepCommandOptions["terminal"]["ask"],
  isSure: boolean,
): Promise<void> {
  if (isSure) {
    return;
  }
  const answer = await ask?.(
    "Tokens of a rotating provider that were last used before now will count as in doubt. " +
      `Type "${WORD}" to go on: `,
  );
  if (answer !== WORD) {
    throw new AdminError(`nothing was changed: type "${WORD}", or say --yes`);
  }
}
