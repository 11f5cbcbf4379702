/**
 * `.local/outputs.json`: where everything of the running stack is, for tests and tools. There only
 * while it serves.
 */
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { hasCode, LocalRunError } from "./local-run-error";
import { isAlive } from "./process-mark";
import { writingTo } from "./writable";

/** What the frontend sends to the authorization endpoint, besides what each sign-in makes up. */
const FrontendSchema = v.object({
  scope: v.string(),
  parameters: v.record(v.string(), v.string()),
  /** RFC 7636. */
  pkce: v.boolean(),
  /** OpenID Connect Core 3.1.2.1. */
  nonce: v.boolean(),
  /** Whether each answer has to name its issuer (RFC 9207); one that does is compared anyway. */
  iss: v.boolean(),
});

export type Frontend = v.InferOutput<typeof FrontendSchema>;

const OutputsSchema = v.object({
  apiUrl: v.string(),
  issuer: v.string(),
  clientId: v.string(),
  /** The provider's name, for people. */
  provider: v.string(),
  /** Whether this run has started it, and ends it. */
  isLocalProvider: v.boolean(),
  /** Where people sign in. */
  authorizationEndpoint: v.string(),
  frontend: FrontendSchema,
  /** Of a local provider: where it is told what to do wrong (`POST`), and in which words. */
  faults: v.optional(v.object({ url: v.string(), kind: v.picklist(["rollup-id", "oidc"]) })),
  /** The local provider's own is made up per data folder. */
  clientSecret: v.string(),
  /** One that the stage allows. */
  redirectUri: v.string(),
  /** Those of the stage. */
  corsOrigins: v.array(v.string()),
  pageUrl: v.string(),
  /** The contract as a page. */
  apiDocsUrl: v.string(),
  /** How the stage keeps sessions. */
  transport: v.picklist(["bearer", "cookie"]),
  /** Origins of apps that may use the stack, those that the developer named first. */
  frontends: v.array(v.string()),
  /** The process to send SIGTERM to. */
  pid: v.number(),
  /** Tells it from a later process with the same number. */
  startedAt: v.optional(v.string()),
  region: v.string(),
  endpoints: v.object({
    dynamodb: v.string(),
    kms: v.string(),
    secretsmanager: v.string(),
    /** Only where the template has a queue. */
    sqs: v.optional(v.string()),
  }),
  /** What the admin command needs besides. */
  grantKeyArn: v.string(),
  /** Only where the template has one. */
  clientSecretArn: v.optional(v.string()),
  /** Of the key that signs as this client; only where the template has one. */
  clientSigningKeyArn: v.optional(v.string()),
  /** Only where the template has one. */
  recoveryQueueUrl: v.optional(v.string()),
  idpSettings: v.record(v.string(), v.unknown()),
  tables: v.object({ users: v.string(), refreshTokens: v.string(), sessions: v.string() }),
  /** Of a made-up principal that the local AWS allows everything. */
  credentials: v.object({
    accessKeyId: v.string(),
    secretAccessKey: v.string(),
    sessionToken: v.string(),
  }),
});

export type Outputs = v.InferOutput<typeof OutputsSchema>;

const DEFAULT_FILE = join(__dirname, "..", ".local", "outputs.json");

/** Where commands look. `LOCAL_OUTPUTS` moves it, for a run beside another one. */
export function outputsFile(): string {
  return process.env["LOCAL_OUTPUTS"] ?? DEFAULT_FILE;
}

/**
 * The file that this run may write: another run's is left alone for as long as that one serves.
 * @throws LocalRunError where it cannot be written, or where the run was told to use another's
 */
export async function claimOutputs(): Promise<string> {
  const wanted = outputsFile();
  const owner = await servingRun(wanted);
  if (owner !== undefined && wanted !== DEFAULT_FILE) {
    const other = `${wanted}.2`;
    throw new LocalRunError(
      `${wanted} belongs to a local run that serves (process ${owner.pid}): ` +
        `\`LOCAL_OUTPUTS=${other} npm start -- --fresh\` writes another file`,
    );
  }
  const file =
    owner === undefined ? wanted : join(dirname(wanted), `outputs-${String(process.pid)}.json`);
  const probe = `${file}.${String(process.pid)}`;
  await writingTo(file, async () => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(probe, "", { mode: 0o600 });
    await rm(probe);
  });
  return file;
}

async function servingRun(file: string): Promise<Outputs | undefined> {
  const outputs = await readOutputs(file).catch(() => undefined);
  return outputs?.pid === process.pid ? undefined : outputs;
}

/** All or nothing, readable by the owner only: it holds the local client secret. */
export async function writeOutputs(outputs: Outputs, file: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(outputs, undefined, 2)}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
}

/** Leaves the file alone if another run has written it since. */
export async function removeOutputs(file: string): Promise<void> {
  const outputs = await readOutputs(file).catch(() => undefined);
  if (outputs?.pid === process.pid) {
    await rm(file, { force: true });
  }
}

/** @throws LocalRunError if no local run serves */
export async function readOutputs(file = outputsFile()): Promise<Outputs> {
  const outputs = parseOutputs(file, await readText(file));
  if (!isAlive(outputs)) {
    throw new LocalRunError(
      `no local run serves (process ${outputs.pid} of ${file} has ended): run \`npm start\` first`,
    );
  }
  return outputs;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      throw new LocalRunError(`no local run serves (${file} is missing): run \`npm start\` first`);
    }
    throw error;
  }
}

function parseOutputs(file: string, text: string): Outputs {
  try {
    return v.parse(OutputsSchema, JSON.parse(text));
  } catch (error) {
    throw new LocalRunError(`${file} is damaged: run \`npm start\` again`, { cause: error });
  }
}
