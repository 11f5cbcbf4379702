/** `rollup-vault admin sweep` and `restored`. */
import type { Command } from "commander";
import type { Act, Terminal } from "./act";
import { AdminError } from "./admin-error";
import { reportPlan, reportRestored, reportSweep } from "./show";

export interface SweepCommandOptions {
  readonly act: Act;
  readonly terminal: Pick<Terminal, "ask">;
  readonly pageSize: (text: string) => number;
}

const WORD = "restored";

export function addSweepCommands(
  admin: Command,
  { act, terminal, pageSize }: SweepCommandOptions,
): void {
  admin
    .command("sweep")
    .description(
      "finishes interrupted erasures and disconnects, and queues the grants that are due",
    )
    .option("--yes", "do not ask")
    .option("--dry-run", "print what would be done")
    .option("--limit <n>", "with --dry-run: users of each kind at most", pageSize, 50)
    .action(
      act(
        async (operator, { dryRun, limit }: SweepOptions) =>
          dryRun === true
            ? reportPlan(await operator.plan(limit))
            : reportSweep(await operator.sweep()),
        "asks",
      ),
    );
  admin
    .command("restored")
    .description("tells the vault that the table of grants was restored from a backup just now")
    .option("--yes", "do not ask")
    .action(
      act(async (operator, { yes }: { readonly yes?: true }) => {
        await confirm(terminal.ask, yes === true);
        return reportRestored(await operator.restored());
      }, "shows"),
    );
}

interface SweepOptions {
  readonly dryRun?: true;
  readonly limit: number;
}

async function confirm(ask: Terminal["ask"], isSure: boolean): Promise<void> {
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
