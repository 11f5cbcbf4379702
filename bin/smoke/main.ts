/** `npm run smoke`: whether a deployment, or the local run, does what it should. */
import { AwsClient } from "aws4fetch";
import { Command, CommanderError, Option } from "commander";
import { ProviderError } from "../../lib/provider/provider-error";
import { LocalRunError } from "../../local/local-run-error";
import { outputsFile } from "../../local/outputs";
import { personToAsk, readStandardInput } from "../terminal";
import { createApi } from "./api";
import type { Run, Signer } from "./check";
import { CHECKS } from "./checks";
import { type Deployment, readDeployment } from "./deployment";
import type { Tokens } from "./person";
import { type Result, runChecks } from "./run-checks";
import { findPerson, type Given } from "./sign-in";
import { Failed } from "./verdict";

export interface SmokeDesk {
  readonly write: (text: string) => void;
  readonly fail: (text: string) => void;
  /** All of standard input. */
  readonly read: () => Promise<string>;
  /** Undefined without a person at the terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Signs the person of the given tokens in once more; absent: nobody can. */
  readonly again?: () => Promise<Tokens>;
}

interface Options {
  readonly outputs?: string;
  readonly apiUrl?: string;
  readonly tokens?: "-";
  readonly signIn?: true;
  readonly redirectUri?: string;
  readonly service?: true;
  readonly json?: true;
}

/** @returns the exit code: 0 nothing failed, 1 something did, 2 wrong usage */
export async function runSmoke(args: readonly string[], desk: SmokeDesk): Promise<number> {
  const program = createProgram(desk);
  try {
    program.parse([...args], { from: "user" });
    return await work(program.opts<Options>(), desk);
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : 2;
    }
    const isExplained = [Failed, LocalRunError, ProviderError].some((one) => error instanceof one);
    desk.fail(`${isExplained ? (error as Error).message : String(error)}\n`);
    return 1;
  }
}

function createProgram({ write, fail }: SmokeDesk): Command {
  return new Command("npm run smoke --")
    .description("check every route of a deployment or of the local run, with a user of its own")
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: fail })
    .option("--outputs <file>", "outputs of the deployment (default: the local run's)")
    .option("--api-url <url>", "where the API is, if not where the outputs say")
    .addOption(
      new Option(
        "--tokens <->",
        'on standard input: {"id_token", "refresh_token", "foreign_id_token"?}',
      ).choices(["-"]),
    )
    .option("--sign-in", "print an address at which a person signs in")
    .option("--redirect-uri <uri>", "one of the stage's, for --sign-in")
    .option("--service", "call the service route with the AWS credentials of the environment")
    .option("--json", "print JSON");
}

async function work(options: Options, desk: SmokeDesk): Promise<number> {
  const deployment = await readDeployment(options.outputs ?? outputsFile(), options.apiUrl);
  const isJson = options.json === true;
  // With --json standard output is for the report alone.
  const line = (text: string) => {
    (isJson ? desk.fail : desk.write)(`${text}\n`);
  };
  line(`smoke suite, ${deployment.apiUrl}`);
  const person = await findPerson(deployment, {
    given: await givenTokens(options, desk),
    ...(desk.again && { again: desk.again }),
    ...(options.signIn === true && {
      browser: { redirectUri: options.redirectUri, ask: (address) => askPerson(desk, address) },
    }),
  });
  const run: Run = {
    deployment,
    api: createApi(deployment.apiUrl),
    person: typeof person === "string" ? undefined : person,
    noPerson: typeof person === "string" ? person : "",
    service: signer(options, deployment, desk.env),
  };
  const results = await runChecks(CHECKS, run, {
    show: (result) => {
      line(shown(result));
    },
    ...(desk.signal && { signal: desk.signal }),
  });
  return report(results, { line, isJson, desk });
}

interface Reporting {
  readonly line: (text: string) => void;
  readonly isJson: boolean;
  readonly desk: SmokeDesk;
}

function report(results: readonly Result[], { line, isJson, desk }: Reporting): number {
  const count = (outcome: Result["outcome"]) =>
    results.filter((result) => result.outcome === outcome).length;
  const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
  line(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (skipped > 0) {
    line(`!! ${skipped} checks were skipped: what they show is not shown`);
  }
  if (isJson) {
    desk.write(`${JSON.stringify({ passed, failed, skipped, checks: results })}\n`);
  }
  return failed === 0 && passed > 0 ? 0 : 1;
}

function shown({ name, outcome, ms, why }: Result): string {
  const mark = { passed: "✓", failed: "✗", skipped: "-" }[outcome];
  return why === undefined ? `  ${mark} ${name} (${ms} ms)` : `  ${mark} ${name}: ${why}`;
}

/** Never from the arguments, which other processes can read. */
async function givenTokens({ tokens }: Options, { read, env }: SmokeDesk): Promise<Given> {
  if (tokens === undefined) {
    // GitHub sets a variable to nothing where a secret is not there.
    const value = (name: string) => (env[name] === "" ? undefined : env[name]);
    return {
      idToken: value("SMOKE_ID_TOKEN"),
      refreshToken: value("SMOKE_REFRESH_TOKEN"),
      foreignIdToken: value("SMOKE_FOREIGN_ID_TOKEN"),
    };
  }
  try {
    const given = JSON.parse(await read()) as Record<string, string | undefined>;
    return {
      idToken: given["id_token"],
      refreshToken: given["refresh_token"],
      foreignIdToken: given["foreign_id_token"],
    };
  } catch {
    throw new Failed("standard input is no JSON object with id_token and refresh_token");
  }
}

async function askPerson({ ask, fail }: SmokeDesk, address: string): Promise<string> {
  if (ask === undefined) {
    throw new Failed("--sign-in needs a person at a terminal");
  }
  fail(`\nsign in here, as a person made for it:\n\n${address}\n\n`);
  return (await ask("then paste the address to which you were sent back: ")).trim();
}

function signer(
  { service }: Options,
  { region, outputs }: Deployment,
  env: SmokeDesk["env"],
): Signer | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (service !== true && outputs === undefined) {
    return undefined;
  }
  const environment = { accessKeyId: id ?? "", secretAccessKey: secret ?? "", sessionToken: token };
  const credentials = service === true ? environment : outputs?.credentials;
  if (credentials === undefined || credentials.accessKeyId === "") {
    throw new Failed("--service needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  const client = new AwsClient({ ...credentials, region, service: "execute-api" });
  return async (url, body) => {
    const headers = { "content-type": "application/json" };
    const request = await client.sign(url, { method: "POST", headers, body });
    return Object.fromEntries(request.headers);
  };
}

async function main(): Promise<void> {
  const { stdout, stderr } = process;
  const stop = new AbortController();
  // The user of the run is erased first; a second Ctrl-C ends it at once.
  process.once("SIGINT", () => {
    stop.abort();
  });
  process.once("SIGTERM", () => {
    stop.abort();
  });
  process.exitCode = await runSmoke(process.argv.slice(2), {
    write: (text) => stdout.write(text),
    fail: (text) => stderr.write(text),
    read: readStandardInput,
    ask: personToAsk(),
    env: process.env,
    signal: stop.signal,
  });
}

if (require.main === module) {
  void main();
}
