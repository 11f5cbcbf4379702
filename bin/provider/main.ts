/** `rollup-vault provider …`: what an OpenID provider says of itself, for stage and frontend. */
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import type { IdpSettings } from "../../lambda/env";
import { systemClock } from "../../lambda/platform/clock";
import { createHttpClient } from "../../lambda/platform/http-client";
import { compareProvider } from "../../lib/provider/compare";
import { discover } from "../../lib/provider/discovery";
import { judgeProvider } from "../../lib/provider/judge";
import { PRESET_NAMES, type PresetName } from "../../lib/provider/preset";
import { guessPreset, needsRecord, stageIdpOf } from "../../lib/provider/propose";
import { matchIssuer, presetOf, resolveIdp } from "../../lib/provider/resolve";
import { readStandardInput } from "../terminal";
import type { Desk } from "./desk";
import { judgeToken } from "./judge-token";
import { createRecords } from "./records";
import { type Proposal, type Report, reportDifferences, reportProposal, reportToken } from "./show";
import { settingsOfStage } from "./stage-settings";

const RECORDS_FILE = join(__dirname, "..", "..", "lib", "stages", "providers.json");
const DEFAULT_STAGE = "dev";

interface Options {
  readonly preset?: PresetName;
  readonly clientId?: string;
  readonly write?: true;
  readonly check?: true;
  readonly token?: "-";
  readonly stage?: string;
  readonly json?: true;
}

/** A report, and whether the command succeeded. */
interface Outcome {
  readonly report: Report;
  readonly isGood: boolean;
}

/** @returns the exit code: 0 done, 1 refused or different, 2 wrong usage */
export async function runProvider(args: readonly string[], desk: Desk): Promise<number> {
  const done: Outcome[] = [];
  const program = new Command("rollup-vault").exitOverride().configureOutput({
    writeOut: desk.write,
    writeErr: desk.fail,
  });
  addOptions(program.command("provider [issuer]")).action(
    async (issuer: string | undefined, options: Options) => {
      const outcome = await work(desk, { ...options, issuer });
      done.push(outcome);
      const { json, lines } = outcome.report;
      desk.write(options.json === true ? `${JSON.stringify(json)}\n` : `${lines.join("\n")}\n`);
    },
  );
  try {
    await program.parseAsync([...args], { from: "user" });
    return done.every(({ isGood }) => isGood) ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : 2;
    }
    desk.fail(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function addOptions(command: Command): Command {
  return command
    .description("read an OpenID provider's documents, and say what a stage needs to know of it")
    .addOption(new Option("--preset <name>", "instead of a guess").choices(PRESET_NAMES))
    .option("--client-id <id>", "from the provider's console")
    .option("--write", "record what was found in lib/stages/providers.json")
    .addOption(
      new Option("--check", "compare a stage with the provider as it is now").conflicts("write"),
    )
    .addOption(
      new Option("--token <->", "say why an ID token on standard input is refused")
        .choices(["-"])
        .conflicts(["write", "check"]),
    )
    .option("--stage <name>", `for --check and --token (default: ${DEFAULT_STAGE})`)
    .option("--json", "print JSON");
}

type Request = Options & { readonly issuer: string | undefined };

async function work(desk: Desk, request: Request): Promise<Outcome> {
  if (request.token !== undefined) {
    return await judge(desk, request);
  }
  return request.check === true ? await check(desk, request) : await propose(desk, request);
}

async function propose(desk: Desk, request: Request): Promise<Outcome> {
  const { write = false } = request;
  const proposal = await proposalFor(desk, request);
  const { idp, judgement } = proposal;
  if (write) {
    const read = new Date(desk.clock.now()).toISOString().slice(0, 10);
    await desk.records.write({
      ...desk.records.read(),
      [idp.issuer]: { read, ...judgement.recorded },
    });
  }
  const record = write ? "written" : needsRecord(idp, judgement) ? "needed" : "not needed";
  return { report: reportProposal({ ...proposal, record }), isGood: true };
}

async function proposalFor(
  desk: Desk,
  { issuer, preset: named, clientId = "<client id>" }: Request,
): Promise<Omit<Proposal, "record">> {
  if (issuer === undefined) {
    throw new Error("name the provider's issuer, or a stage by --check or --token");
  }
  if (named !== undefined) {
    refuseOtherPreset(named, issuer);
  }
  const found = await discover(issuer, desk);
  const preset = presetOf(named ?? guessPreset(found));
  const idp = stageIdpOf(preset, issuer, clientId);
  return { idp, preset, isGuessed: named === undefined, judgement: judgeProvider(found, preset) };
}

/** Before anything is read: the preset knows how its issuers are written. */
function refuseOtherPreset(name: PresetName, issuer: string): void {
  try {
    matchIssuer(presetOf(name), issuer);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.replace(/^stage file: "idp\.issuer"/, "this"));
  }
}

async function check(desk: Desk, { issuer, stage = DEFAULT_STAGE }: Request): Promise<Outcome> {
  const settings = desk.settingsOf(stage);
  if (issuer !== undefined && issuer !== settings.issuer) {
    throw new Error("--check reads the issuer of the stage: leave the other one out");
  }
  const found = await discover(settings.issuer, desk);
  const recorded = desk.records.read()[settings.issuer];
  const differences = compareProvider({ settings, recorded, found });
  const isGood = !differences.some(({ breaks }) => breaks);
  return { report: reportDifferences(stage, differences), isGood };
}

async function judge(desk: Desk, request: Request): Promise<Outcome> {
  const settings = await settingsFor(desk, request);
  const token = (await desk.read()).trim();
  if (token === "") {
    throw new Error("there is no token on standard input");
  }
  const report = await judgeToken(token, { ...desk, settings });
  const isGood = report.asBearer === "accepted";
  return { report: reportToken(report, desk.clock.now()), isGood };
}

/** Of the stage; or, where an issuer is named and no stage, what a stage for it would have. */
async function settingsFor(desk: Desk, request: Request): Promise<IdpSettings> {
  const { issuer, stage } = request;
  if (issuer === undefined || stage !== undefined) {
    return desk.settingsOf(stage ?? DEFAULT_STAGE);
  }
  if (request.clientId === undefined) {
    throw new Error("--token with an issuer needs --client-id: the token has to be for it");
  }
  const { idp, judgement } = await proposalFor(desk, request);
  return resolveIdp(idp, { [issuer]: { ...judgement.recorded, read: "" } });
}

/** Called by bin/rollup-vault.cjs. */
export async function main(): Promise<void> {
  const { stdout, stderr } = process;
  process.exitCode = await runProvider(process.argv.slice(2), {
    write: (text) => stdout.write(text),
    fail: (text) => stderr.write(text),
    read: readStandardInput,
    http: createHttpClient(),
    clock: systemClock,
    settingsOf: settingsOfStage,
    records: createRecords(RECORDS_FILE),
  });
}
