/** `rollup-vault admin move`. */
import { Argument, type Command } from "commander";
import type { Act, Terminal } from "./act";
import { AdminError } from "./admin-error";
import { whyNotMoved } from "./move-words";
import { reportMove, reportOutlook } from "./show-move";

export interface MoveCommandOptions {
  readonly act: Act;
  readonly terminal: Pick<Terminal, "ask">;
}

interface MoveOptions {
  readonly yes?: true;
  readonly dryRun?: true;
}

export function addMoveCommand(admin: Command, { act, terminal }: MoveCommandOptions): void {
  admin
    .command("move")
    .description("moves a user to another subject: record, grant and history")
    .addArgument(new Argument("<from>", "the subject that the provider gave"))
    .addArgument(new Argument("<to>", "the subject that the provider gives now"))
    .option("--yes", "do not ask")
    .option("--dry-run", "print what would be done")
    .action(
      act(async (operator, from: string, to: string, { yes, dryRun }: MoveOptions) => {
        try {
          if (dryRun === true) {
            return reportOutlook({ from, to }, await operator.movePlan(from, to));
          }
          await confirm(terminal.ask, to, yes === true);
          return reportMove(await operator.move(from, to));
        } catch (error) {
          throw new AdminError(whyNotMoved(error, { from, to }), { cause: error });
        }
      }, "shows"),
    );
}

async function confirm(ask: Terminal["ask"], to: string, isSure: boolean): Promise<void> {
  if (isSure) {
    return;
  }
  const answer = await ask?.("This cannot be undone. Type the new subject again to move there: ");
  if (answer !== to) {
    throw new AdminError("nothing was moved: type the same new subject, or say --yes");
  }
}
