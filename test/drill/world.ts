/** What the drill's steps work on: an engine, a provider, assemblies, and what is deployed. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RollupId, startRollupId } from "@rollup-vault/local-rollup-id/start";
import type { LocalContext } from "../../lib/stages/local";
import { fetchTokens, type RollupIdTokens } from "../../local/rollup-id-tokens";
import { synthesize } from "../../local/synthesize";
import { API_STACK, DATA_STACK, nameSecretsById, removeMissing } from "./assemblies";
import { MISSING } from "./differences";
import { ACCOUNT, type Engine, type Pythons, type Ran, startEngine } from "./engine";

const REDIRECT_URI = "http://localhost:3000/callback";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Backend`;

export interface World {
  readonly engine: Engine;
  readonly provider: RollupId;
  /** What `cdk deploy` wrote last. */
  readonly outputsFile: string;
  /** A path in the world's folder. */
  path(name: string): string;
  outputs(): Readonly<Record<string, string>>;
  /** Makes the assembly of that name, but for what the engine lacks (differences.ts). */
  assemble(name: string, moreOrigins?: readonly string[]): Promise<void>;
  deploy(name: string): Promise<void>;
  fillSecret(): Promise<void>;
  statusOf(stack: string): Promise<unknown>;
  /** Findings of `npx rollup-vault doctor`. */
  doctor(...args: readonly string[]): Promise<readonly Readonly<Record<string, string>>[]>;
  /** `npx rollup-vault`, which has to succeed. */
  command(...args: readonly string[]): Promise<string>;
  apiUrl(): string;
  signIn(name: string): Promise<RollupIdTokens>;
  close(): Promise<void>;
}

export async function openWorld(pythons: Pythons): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "drill-"));
  const path = (name: string) => join(folder, name);
  const engine = await startEngine(pythons, folder);
  const provider = await startRollupId({ port: 0, redirectUris: [REDIRECT_URI] });
  const outputsFile = path("outputs.json");
  const outputs: World["outputs"] = () => outputsIn(outputsFile);
  const program = `"${process.execPath}" bin/rollup-vault.cjs`;
  const close = async () => {
    await engine.close();
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    engine,
    provider,
    outputsFile,
    path,
    outputs,
    close,
    assemble: async (name, moreOrigins = []) => {
      await synthesize(contextFor(provider, moreOrigins), path(name));
      // As the CDK made it, for who reads it as an operator's own.
      copyFileSync(join(path(name), `${DATA_STACK}.template.json`), path(`${name}-data.json`));
      nameSecretsById(path(name));
      expect(removeMissing(path(name), MISSING)).toEqual(MISSING);
    },
    deploy: async (name) => {
      const args = ["--all", "--app", path(name), "--require-approval", "never"];
      succeeded(await engine.cdk("deploy", ...args, "--outputs-file", outputsFile));
    },
    fillSecret: async () => {
      // Node's own standard input is a socket, which /dev/stdin cannot open.
      const command = `cat | ${outputs()["PutClientSecretCommand"] ?? ""}`;
      succeeded(await engine.shell(command, provider.clientSecret));
    },
    statusOf: async (stack) => {
      const args = ["cloudformation", "describe-stacks", "--stack-name", stack];
      const { Stacks: stacks } = await engine.aws(...args);
      return (stacks as readonly Record<string, unknown>[])[0]?.["StackStatus"];
    },
    doctor: async (...args) => {
      const { out } = await engine.shell(`${program} doctor --json ${args.join(" ")}`);
      return JSON.parse(out) as Record<string, string>[];
    },
    command: async (...args) => succeeded(await engine.shell(`${program} ${args.join(" ")}`)).out,
    apiUrl: () => apiUrlOf(engine, outputs()["ApiUrl"] ?? ""),
    signIn: async (name) => await fetchTokens({ ...provider, redirectUri: REDIRECT_URI }, name),
  };
}

/** @throws Error with what it printed */
export function succeeded(ran: Ran): Ran {
  if (ran.code !== 0) {
    throw new Error(`exit code ${String(ran.code)}:\n${ran.printed}`);
  }
  return ran;
}

function contextFor(provider: RollupId, moreOrigins: readonly string[]): LocalContext {
  return {
    issuer: provider.issuer,
    clientId: provider.clientId,
    redirectUris: [REDIRECT_URI],
    corsOrigins: ["http://localhost:3000", ...moreOrigins],
    serviceRoleArns: [ROLE],
    // Asked twice within a minute, it has to exchange twice.
    limits: { exchangeIntervalSeconds: 0 },
  };
}

function outputsIn(file: string): Readonly<Record<string, string>> {
  type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;
  const all = JSON.parse(readFileSync(file, "utf8")) as Outputs;
  return { ...all[DATA_STACK], ...all[API_STACK] };
}

/** A difference of the engine's (differences.ts): its path instead of the API's own name. */
function apiUrlOf({ endpoint }: Engine, url: string): string {
  // No URL of the WHATWG's: its host ends in a number.
  const [, id = ""] = /^http:\/\/(\w+)\./.exec(url) ?? [];
  return `${endpoint}/_aws/execute-api/${id}/$default`;
}

export async function callApi(
  world: World,
  [method, path]: readonly [string, string],
  bearer: string,
  json?: unknown,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(`${world.apiUrl()}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(json !== undefined && { "content-type": "application/json" }),
    },
    body: JSON.stringify(json),
  });
  const text = await response.text();
  const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { status: response.status, body };
}
