/** `rollup-vault admin move`. */
import { Argument, type Command } from "commander";
import { AdminError } from "./admin-error";
import { whyNotMoved } from "./move-words";
import type { Operator } from "./operator";
import type { Report } from "./show";
import { reportMove, reportOutlook } from "./show-move";

export interface MoveCommandOptions {
  readonly act: (
    work: (operator: Operator, ...args: never[]) => Promise<Report>,
  ) => (...args: unknown[]) => Promise<void>;
  readonly terminal: { readonly ask: ((question: string) => Promise<string>) | undefined };
}

interface MoveOptions {
  readonly yes?: true;
  readonly dryRun?: true;
}

export function addMoveCommand(admin: Command, { act, terminal }: MoveCommandOptions): void {
  admin
    .command("move")
    .description("moves a user to another subject: record, connection, history")
    .addArgument(new Argument("<from>", "the subject that the provider gave"))
    .addArgument(new Argument("<to>", "the subject that the provider gives now"))
    .option("--yes", "do not ask")
    .option("--dry-run", "say what would be done, and do nothing")
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
      }),
    );
}

async function confirm(
  ask: MoveCommandOptions["terminal"]["ask"],
  to: string,
  isSure: boolean,
): Promise<void> {
  if (isSure) {
    return;
  }
  const answer = await ask?.("This cannot be undone. Type the new subject again to move there: ");
  if (answer !== to) {
    throw new AdminError("nothing was moved: type the very same new subject, or say --yes");
  }
}
