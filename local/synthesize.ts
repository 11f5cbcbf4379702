/** Synthesizes the application's own CDK app, with the local provider as its stage. */
import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalContext } from "../lib/stages/local";
import { hasCode, LocalRunError } from "./local-run-error";

const ROOT = join(__dirname, "..");
/** Which context an assembly was made for, kept beside its templates. */
const CONTEXT_FILE = "local-context.json";

/**
 * Runs `bin/app.ts`. An assembly that is given again is only used for the very same context.
 * @param folder where the cloud assembly goes; emptied first
 * @throws LocalRunError with what the app printed
 */
export async function synthesize(
  context: LocalContext,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const { code, printed } = await runApp(context, folder, signal);
  if (code !== 0) {
    signal?.throwIfAborted();
    throw new LocalRunError(`cdk app failed (exit code ${String(code)}):\n${printed}`);
  }
  await writeFile(join(folder, CONTEXT_FILE), JSON.stringify(context));
}

/** @throws LocalRunError if the assembly was made for another context */
export async function assertMadeFor(context: LocalContext, folder: string): Promise<void> {
  const made = await readFile(join(folder, CONTEXT_FILE), "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) {
      return "nothing";
    }
    throw error;
  });
  if (made !== JSON.stringify(context)) {
    throw new LocalRunError(`the assembly in ${folder} was made for ${made}`);
  }
}

async function runApp(context: LocalContext, folder: string, signal: AbortSignal | undefined) {
  const cdkJson = JSON.parse(await readFile(join(ROOT, "cdk.json"), "utf8")) as {
    context?: Record<string, unknown>;
  };
  const child = spawn(process.execPath, ["--import", "tsx", join("bin", "app.ts")], {
    cwd: ROOT,
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      // The CDK's rules for templates take half of a synthesis (a WebAssembly module of 9 MB).
      // `cdk synth`, `cdk deploy` and test/lib/app.integration.ts hold the same stacks to them.
      CDK_VALIDATION: "false",
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
  return await new Promise<{ code: number | null; printed: string }>((resolve) => {
    child.once("error", (error) => {
      keep(Buffer.from(error.message));
    });
    child.once("close", (code) => {
      resolve({ code, printed });
    });
  });
}
