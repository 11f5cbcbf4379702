/** Synthesizes the application's own CDK app, with the local provider as its stage. */
import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalContext } from "../lib/stages/local";
import { keepAssembly, keyOf, takeAssembly } from "./assembly-cache";
import { LocalRunError } from "./local-run-error";

const ROOT = join(__dirname, "..");
/** Variables of Node and esbuild that may change what an app makes, and could be meant to. */
const PASSED = ["NODE_OPTIONS", "ESBUILD_BINARY_PATH", "TSX_TSCONFIG_PATH"];

export interface SynthesisOptions {
  /** Folder of earlier assemblies. Absent: a new one is made. */
  readonly cache?: string;
  readonly signal?: AbortSignal;
  /** Another checkout than this one. */
  readonly root?: string;
}

/**
 * Runs `bin/app.ts`, unless a run with the same inputs has left its assembly in the cache.
 * @param folder where the cloud assembly goes; emptied first
 * @throws LocalRunError with what the app printed
 */
export async function synthesize(
  context: LocalContext,
  folder: string,
  { cache, signal, root = ROOT }: SynthesisOptions = {},
): Promise<"made" | "reused"> {
  await rm(folder, { recursive: true, force: true });
  const environment = environmentFor(process.env);
  const inputs = { root, context, environment };
  const key = cache === undefined ? undefined : await keyOf(inputs);
  if (cache === undefined || key === undefined) {
    await runApp(inputs, folder, signal);
    return "made";
  }
  if (await takeAssembly(cache, key, folder)) {
    return "reused";
  }
  await runApp(inputs, folder, signal);
  // Whoever saves a file meanwhile gets an assembly of which nobody knows what it was made from.
  if ((await keyOf(inputs)) === key) {
    // A cache that cannot be written is no reason not to start.
    await keepAssembly(cache, key, folder).catch(() => undefined);
  }
  return "made";
}

/** All that the app gets of the environment, so that nothing else can change what it makes. */
function environmentFor(from: NodeJS.ProcessEnv): Record<string, string> {
  const passed = PASSED.flatMap((name) => {
    const value = from[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    // The CDK's rules for templates take half of a synthesis (a WebAssembly module of 9 MB).
    // `cdk synth`, `cdk deploy` and test/lib/app.integration.ts hold the same stacks to them.
    CDK_VALIDATION: "false",
  };
}

interface AppInputs {
  readonly root: string;
  readonly context: LocalContext;
  readonly environment: Readonly<Record<string, string>>;
}

async function runApp(
  { root, context, environment }: AppInputs,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cdkJson = JSON.parse(await readFile(join(root, "cdk.json"), "utf8")) as {
    context?: Record<string, unknown>;
  };
  const child = spawn(process.execPath, ["--import", "tsx", join("bin", "app.ts")], {
    cwd: root,
    env: {
      ...environment,
      TMPDIR: tmpdir(),
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, stage: "local", local: context }),
    },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString("utf8")).slice(-10_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      keep(Buffer.from(error.message));
    });
    child.once("close", resolve);
  });
  if (code !== 0) {
    signal?.throwIfAborted();
    throw new LocalRunError(`cdk app failed (exit code ${String(code)}):\n${printed}`);
  }
}
