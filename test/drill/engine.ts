/** ministack, with what an operator has at hand: the CDK's CLI, the AWS CLI, this project's own. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Ministack,
  startMinistack,
} from "@rollup-vault/local-aws/testing/ministack/start-ministack";
import { ROOT } from "../support/synthesized-app";

export const REGION = "eu-central-1";
export const ACCOUNT = "000000000000";

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  /** Both streams, for messages of failures. */
  readonly printed: string;
}

export interface Engine {
  readonly endpoint: string;
  readonly env: NodeJS.ProcessEnv;
  /** A command line, as an operator types it, by bash. */
  shell(command: string, input?: string): Promise<Ran>;
  /** @throws Error where it fails */
  aws(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
  cdk(...args: readonly string[]): Promise<Ran>;
  close(): Promise<void>;
}

/** Paths of Python interpreters that have these packages. */
export interface Pythons {
  readonly ministack: string;
  readonly awscli: string;
}

/** @param folder throw-away; the commands find `aws` in it */
export async function startEngine(pythons: Pythons, folder: string): Promise<Engine> {
  const ministack: Ministack = await startMinistack(pythons.ministack);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "aws"), `#!/bin/sh\nexec "${pythons.awscli}" -m awscli "$@"\n`);
  chmodSync(join(bin, "aws"), 0o755);
  const env = {
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    HOME: folder,
    AWS_ENDPOINT_URL: ministack.endpoint,
    AWS_ACCESS_KEY_ID: "drill",
    AWS_SECRET_ACCESS_KEY: "drill",
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    CI: "true",
  };
  const cdkFile = join(ROOT, "node_modules", "aws-cdk", "bin", "cdk");
  const aws: Engine["aws"] = async (...args) => {
    const ran = await run("aws", [...args, "--output", "json"], { env });
    if (ran.code !== 0) {
      throw new Error(`aws ${args.join(" ")}: ${ran.printed}`);
    }
    return JSON.parse(ran.out === "" ? "{}" : ran.out) as Record<string, unknown>;
  };
  return {
    endpoint: ministack.endpoint,
    env,
    shell: async (command, input) => await run("bash", ["-c", command], { env, input }),
    aws,
    cdk: async (...args) =>
      await run(process.execPath, [cdkFile, ...args, "--no-notices"], { env }),
    close: async () => {
      await ministack.close();
    },
  };
}

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string | undefined;
}

async function run(command: string, args: string[], { env, input }: RunOptions): Promise<Ran> {
  const child = spawn(command, args, { env, cwd: ROOT, stdio: "pipe" });
  const [out, all]: [string[], string[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => {
    out.push(chunk.toString("utf8"));
    all.push(chunk.toString("utf8"));
  });
  child.stderr.on("data", (chunk: Buffer) => {
    all.push(chunk.toString("utf8"));
  });
  child.stdin.end(input ?? "");
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, out: out.join(""), printed: all.join("").slice(-4_000) };
}
