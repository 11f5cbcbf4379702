/** `rollup-vault doctor`: what stands in the way of a deployment, or is wrong with one. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Command, CommanderError } from "commander";
import { createHttpClient } from "../../lambda/platform/http-client";
import type { HttpClient } from "../../lambda/ports/http-client";
import { discover } from "../../lib/provider/discovery";
import { ProviderError } from "../../lib/provider/provider-error";
import { assertStage, type Stage } from "../../lib/stage";
import { chooseStage } from "../../lib/stages";
import { readTarget, type Target } from "../admin/target";
import { afterDeployment } from "./after";
import { type Aws, createAws, type Credentials } from "./aws-call";
import { bootstrap, concurrency, kmsRequests, leftovers } from "./before";
import { bad, type Finding, good, unknown } from "./finding";

export interface DoctorDesk {
  readonly write: (text: string) => void;
  readonly fail: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly http: HttpClient;
  /** The operator's own, as the AWS CLI finds them. @throws Error where there are none */
  readonly credentials: () => Promise<Credentials>;
  /** As the AWS CLI finds it. @throws Error where there is none */
  readonly region: () => Promise<string>;
  /** @throws Error with one sentence */
  readonly stageOf: (name: string) => Stage;
  readonly timeoutMs?: number;
  readonly pauseMs?: number;
}

interface Options {
  readonly stage: string;
  readonly outputs?: string;
  readonly json?: true;
}

/** @returns the exit code: 0 all good, 1 something is bad or could not be looked at, 2 usage */
export async function runDoctor(args: readonly string[], desk: DoctorDesk): Promise<number> {
  const program = new Command("rollup-vault doctor")
    .exitOverride()
    .configureOutput({ writeOut: desk.write, writeErr: desk.fail })
    .description("say what stands in the way of a deployment, or what is wrong with one")
    .option("--stage <name>", "the stage to be deployed", "dev")
    .option("--outputs <file>", "look at a deployment instead, by its outputs")
    .option("--json", "print JSON");
  try {
    program.parse([...args], { from: "user" });
    const options = program.opts<Options>();
    const findings = await examine(options, desk);
    if (options.json === true) {
      desk.write(`${JSON.stringify(findings)}\n`);
    } else {
      desk.write(`${findings.flatMap(shown).join("\n")}\n`);
    }
    return findings.every(({ verdict }) => verdict === "good") ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : 2;
    }
    desk.fail(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function shown({ about, verdict, sentence, mend }: Finding): readonly string[] {
  const mark = { good: "✓", bad: "✗", unknown: "?" }[verdict];
  const line = `  ${mark} ${about}: ${sentence}`;
  return mend === undefined ? [line] : [line, `      ${mend}`];
}

async function examine({ stage, outputs }: Options, desk: DoctorDesk): Promise<readonly Finding[]> {
  const target = outputs === undefined ? undefined : readTarget(outputs);
  const found = target === undefined ? desk.stageOf(stage) : undefined;
  const region = target?.aws.kms?.region ?? found?.env?.region ?? (await regionOf(desk));
  if (typeof region !== "string") {
    return [region];
  }
  const local = target?.aws.kms?.credentials as Credentials | undefined;
  const credentials = local ?? (await credentialsOf(desk));
  if ("verdict" in credentials) {
    return [credentials];
  }
  const env = target === undefined ? desk.env : { ...desk.env, ...endpointsOf(target) };
  const aws = createAws({ ...desk, region, credentials, env });
  if (found !== undefined) {
    return await beforeDeployment(aws, found, desk);
  }
  // The local run has no STS. Elsewhere all calls would fail for the same reason.
  const caller = local === undefined ? await callerOf(aws) : "";
  if (typeof caller !== "string") {
    return [caller];
  }
  return target === undefined ? [] : await settled(afterDeployment(aws, target));
}

/** Of a local run: each of its services has an address of its own. */
function endpointsOf({ aws }: Target): Readonly<Record<string, string>> {
  const all = { DYNAMODB: aws.dynamodb, KMS: aws.kms, SECRETS_MANAGER: aws.secretsmanager };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, access]) =>
      access?.endpoint === undefined ? [] : [[`AWS_ENDPOINT_URL_${name}`, access.endpoint]],
    ),
  );
}

async function beforeDeployment(
  aws: Aws,
  stage: Stage,
  desk: DoctorDesk,
): Promise<readonly Finding[]> {
  const caller = await callerOf(aws);
  if (typeof caller !== "string") {
    // Every other call would fail for the same reason.
    return [caller, await provider(stage, desk)];
  }
  const wanted = stage.env?.account;
  if (wanted !== undefined && wanted !== caller) {
    const sentence = `your credentials are of account ${caller}, and the stage is for ${wanted}`;
    return [bad("credentials", sentence, "export AWS_PROFILE=<a profile of that account>")];
  }
  const looks: [string, Promise<Finding>][] = [
    ["bootstrap", bootstrap(aws, caller)],
    ["concurrency", concurrency(aws, stage)],
    ["KMS requests", kmsRequests(aws, stage)],
    ["leftovers", leftovers(aws, stage)],
  ];
  return [
    good("credentials", `account ${caller}, region ${aws.region}`),
    ...(await settled(looks)),
    await provider(stage, desk),
  ];
}

async function settled(
  looks: readonly (readonly [string, Promise<Finding>])[],
): Promise<readonly Finding[]> {
  return await Promise.all(
    looks.map(async ([about, look]) => await look.catch((error: unknown) => unknown(about, error))),
  );
}

/** The account, or what is wrong with the credentials. */
async function callerOf(aws: Aws): Promise<string | Finding> {
  try {
    const { text } = await aws.call({ service: "sts", action: "sts:GetCallerIdentity" });
    return /<Account>(\d{12})<\/Account>/.exec(text)?.[1] ?? "";
  } catch (error) {
    return unknown("credentials", error);
  }
}

async function provider({ name, idp }: Stage, { http }: DoctorDesk): Promise<Finding> {
  const about = "provider";
  try {
    await discover(idp.issuer, { http });
    return good(about, `${idp.issuer} answers with its documents`);
  } catch (error) {
    if (error instanceof ProviderError) {
      return bad(about, error.message, `npx rollup-vault provider --check --stage ${name}`);
    }
    throw error;
  }
}

async function regionOf({ region }: DoctorDesk): Promise<string | Finding> {
  try {
    return await region();
  } catch {
    return bad(
      "region",
      "no region is chosen",
      "export AWS_REGION=eu-central-1, or env of the stage",
    );
  }
}

async function credentialsOf({ credentials }: DoctorDesk): Promise<Credentials | Finding> {
  try {
    return await credentials();
  } catch {
    return bad("credentials", "there are no AWS credentials", "aws configure, or aws sso login");
  }
}

/** Called by bin/rollup-vault.cjs. */
export async function main(): Promise<void> {
  const { stdout, stderr, env } = process;
  const { config } = new DynamoDBClient({});
  process.exitCode = await runDoctor(process.argv.slice(3), {
    write: (text) => stdout.write(text),
    fail: (text) => stderr.write(text),
    env,
    http: createHttpClient(),
    credentials: async () => await config.credentials(),
    region: async () => await config.region(),
    stageOf: (name) =>
      assertStage(
        chooseStage({ tryGetContext: (key: string) => (key === "stage" ? name : undefined) }),
      ),
  });
}
