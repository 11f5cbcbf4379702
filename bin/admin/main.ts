/** `rollup-vault admin …`: the operator's commands, on a deployment or on the local run. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { LISTED_STATUSES } from "../../lambda/store/grant-list";
import { personToAsk } from "../terminal";
import type { Act, Terminal } from "./act";
import { AdminError } from "./admin-error";
import { approve } from "./approve";
import { explain } from "./explain";
import { findOutputs } from "./find-outputs";
import { addMoveCommand } from "./move-command";
import { createOperator, type Operator } from "./operator";
import { type Report, reportErasure, reportHistory, reportPage, reportStatus } from "./show";
import { addSweepCommands } from "./sweep-commands";
import { readTarget } from "./target";
import { addUiCommand } from "./ui/ui-command";

const MAX_PAGE = 1_000;

interface Global {
  readonly outputs?: string;
  readonly stage?: string;
  readonly json?: true;
}

/** @returns the exit code: 0 done, 1 failed, 2 wrong usage */
export async function runAdmin(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : 2;
    }
    terminal.fail(`${explain(error)}\n`);
    return 1;
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command("rollup-vault").exitOverride().configureOutput({
    writeOut: terminal.write,
    writeErr: terminal.fail,
  });
  // bin/rollup-vault.cjs starts them (bin/*/main.ts): here they are for the list of commands.
  program.command("doctor").description("say what stands in the way of a deployment");
  program.command("provider").description("read an OpenID provider's documents");
  program.command("adopt").description("find what a destroyed stack has left, for cdk import");
  program.command("create").description("write a Vite + React app, wired to the local run");
  const admin = program
    .command("admin")
    .description("look after users' grants with your own AWS credentials")
    .option(
      "--outputs <file>",
      "outputs of the deployment (the only outputs-….json here, else the local run's)",
    )
    .option("--stage <name>", "the deployment whose outputs are outputs-<name>.json; or local")
    .option("--json", "print JSON");

  const targetOf = () => {
    const { outputs, stage } = admin.opts<Global>();
    return readTarget(
      findOutputs({
        ...(outputs !== undefined && { outputs }),
        ...(stage !== undefined && { stage }),
      }),
    );
  };
  const act: Act =
    (work, how) =>
    async (...args) => {
      const { json } = admin.opts<Global>();
      const target = targetOf();
      // Commander adds the options and then the command.
      const { yes, dryRun } = (args.at(-2) ?? {}) as { yes?: true; dryRun?: true };
      if (how !== undefined && dryRun !== true) {
        await approve(terminal, target.place, { how, isSure: yes === true });
      }
      const report = await work(createOperator(target), ...args);
      terminal.write(
        json === true ? `${JSON.stringify(report.json)}\n` : `${report.lines.join("\n")}\n`,
      );
    };
  const sub = () => new Argument("<sub>", "the user's subject identifier");
  const subOrAll = () => new Argument("[sub]", "the user's subject identifier");
  const all = () => new Option("--all", "every user");
  const sure = () => new Option("--yes", "do not ask");

  admin
    .command("status")
    .description("record, grant and sessions of a user")
    .addArgument(sub())
    .action(
      act(async (operator, id: string) =>
        reportStatus(await operator.status(id), operator.opens()),
      ),
    );
  admin
    .command("history")
    .description("who used a user's grant, oldest first")
    .addArgument(sub())
    .action(act(async (operator, id: string) => reportHistory(await operator.status(id))));
  admin
    .command("list")
    .description("users by the status of their grant")
    .addOption(new Option("--status <status>", "one of (all)").choices(LISTED_STATUSES))
    .option("--limit <n>", "users at most", pageSize, 50)
    .option("--after <cursor>", "the cursor that the previous page printed")
    .action(
      act(async (operator, options: ListOptions) =>
        reportPage(...(await listWithNames(operator, options))),
      ),
    );
  admin
    .command("freeze")
    .description("stops access tokens within seconds")
    .addArgument(subOrAll())
    .addOption(all())
    .addOption(sure())
    .action(
      act(async (operator, id: string | undefined, { all: everybody }: Everybody) => {
        const who = requireOne(id, everybody);
        await (who === undefined ? operator.freezeAll() : operator.freeze(who));
        return done("frozen", who);
      }, "asks"),
    );
  admin
    .command("unfreeze")
    .description("undoes freeze")
    .addArgument(subOrAll())
    .addOption(all())
    .addOption(sure())
    .action(
      act(async (operator, id: string | undefined, { all: everybody }: Everybody) => {
        const who = requireOne(id, everybody);
        await (who === undefined ? operator.unfreezeAll() : operator.unfreeze(who));
        return done("unfrozen", who);
      }, "asks"),
    );
  admin
    .command("disconnect")
    .description("deletes a user's refresh token")
    .addArgument(sub())
    .addOption(sure())
    .action(
      act(async (operator, id: string) => {
        await operator.disconnect(id);
        return done("disconnected", id);
      }, "asks"),
    );
  admin
    .command("erase")
    .description("deletes all data about a user for good")
    .addArgument(sub())
    .addOption(sure())
    .action(
      act(async (operator, id: string, { yes }: { readonly yes?: true }) => {
        await confirm(terminal, id, yes === true);
        return reportErasure(await operator.erase(id));
      }, "shows"),
    );
  addMoveCommand(admin, { act, terminal });
  addSweepCommands(admin, { act, terminal, pageSize });
  addUiCommand(admin, { act, targetOf });
  return program;
}

interface ListOptions {
  readonly status?: (typeof LISTED_STATUSES)[number];
  readonly limit: number;
  readonly after?: string;
}

async function listWithNames(operator: Operator, { status, limit, after }: ListOptions) {
  const page = await operator.list({ status, limit, after });
  return [page, await operator.names(page.grants.map(({ sub }) => sub))] as const;
}

interface Everybody {
  readonly all?: true;
}

/** @returns undefined for `--all` */
function requireOne(sub: string | undefined, all: true | undefined): string | undefined {
  if ((sub === undefined) === (all === undefined)) {
    throw new AdminError("name a user, or say --all");
  }
  return sub;
}

async function confirm({ ask }: Terminal, sub: string, isSure: boolean): Promise<void> {
  if (isSure) {
    return;
  }
  const answer = await ask?.(`This cannot be undone. Type the subject again to erase it: `);
  if (answer !== sub) {
    throw new AdminError("nothing was erased: type the same subject, or say --yes");
  }
}

function done(what: string, sub: string | undefined): Report {
  const who = sub ?? "everybody";
  return { json: { [what]: who }, lines: [`${what}: ${who}`] };
}

function pageSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw new InvalidArgumentError(`a whole number from 1 to ${MAX_PAGE}`);
  }
  return size;
}

/** Called by bin/rollup-vault.cjs. */
export async function main(): Promise<void> {
  const { stdout, stderr } = process;
  process.exitCode = await runAdmin(process.argv.slice(2), {
    write: (text) => stdout.write(text),
    fail: (text) => stderr.write(text),
    ask: personToAsk(),
  });
}
