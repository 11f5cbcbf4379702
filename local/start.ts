/** `npm start`: the stack on this machine until Ctrl-C. */
import { relative, join } from "node:path";
import { parseArgs } from "node:util";
import { describeBug, explain, LocalRunError } from "./failure";
import { outputsFile, removeOutputs, writeOutputs } from "./outputs";
import { readPort } from "./ports";
import { createScreen, type Screen } from "./progress";
import { startStack, type Stack } from "./stack";
import type { StackOptions } from "./stack-options";
import { stopSignal } from "./stop-signals";
import { runTour } from "./tour-steps";

const ROOT = join(__dirname, "..");
const DATA_FOLDER = join(ROOT, ".local", "data");

const HELP = `npm start [-- FLAGS]   runs rollup-vault on this machine from its synthesized template

  --fresh   uses a throw-away data folder (else .local/data, which survives)
  --tour    shows the main job on the running stack, then ends
  --help    this text

  PORT, ISSUER_PORT                  ports of the API (4000) and of the local Rollup ID (4001); 0: any free one
  LOCAL_ENGINE                       dynalite (default) or dynoxide
  LOCAL_OUTPUTS                      where the addresses are written (.local/outputs.json)
  AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL_SQS
                                     endpoints to use instead of the local ones (DynamoDB Local, LocalStack, moto, …)
`;

/** A stop that hangs is ended: nothing that was started outlives this process (its children notice its end). */
const STOP_TIMEOUT_MS = 10_000;

async function main(): Promise<void> {
  const flags = readFlags();
  const screen = createScreen();
  if (flags.help) {
    screen.line(HELP);
    return;
  }
  const stop = stopSignal((error) => {
    process.stderr.write(`\n${describeBug(error)}\n`);
    process.exitCode = 1;
  });
  stop.addEventListener("abort", forceExitLater);
  try {
    await run(flags, screen, stop);
  } catch (error) {
    if (!stop.aborted) {
      throw error;
    }
  }
}

async function run(
  flags: ReturnType<typeof readFlags>,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  screen.line(`\n${screen.style("bold", "rollup-vault")}, the local run\n`);
  const stack = await startStack({ ...readOptions(flags.fresh), step: screen.step, signal });
  try {
    signal.throwIfAborted();
    await writeOutputs(stack.outputs);
    showSummary(screen, stack, (performance.now() - startedAt) / 1000);
    if (flags.tour) {
      await runTour(stack.outputs, screen);
      return;
    }
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
    });
    screen.line("\nstopping");
  } finally {
    await removeOutputs(process.pid);
    await stack.close();
  }
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        fresh: { type: "boolean", default: false },
        tour: { type: "boolean", default: false },
        help: { type: "boolean", default: false, short: "h" },
      },
    });
    return values;
  } catch (error) {
    throw new LocalRunError(`${explain(error)} (npm start -- --help lists the flags)`);
  }
}

function readOptions(fresh: boolean): StackOptions {
  const { env } = process;
  const engine = env["LOCAL_ENGINE"] ?? "dynalite";
  if (engine !== "dynalite" && engine !== "dynoxide") {
    throw new LocalRunError("LOCAL_ENGINE must be dynalite or dynoxide");
  }
  const external = {
    dynamodb: env["AWS_ENDPOINT_URL_DYNAMODB"],
    kms: env["AWS_ENDPOINT_URL_KMS"],
    secretsmanager: env["AWS_ENDPOINT_URL_SECRETS_MANAGER"],
    sqs: env["AWS_ENDPOINT_URL_SQS"],
  };
  return {
    port: readPort("PORT", 4000),
    issuerPort: readPort("ISSUER_PORT", 4001),
    engine,
    external: Object.fromEntries(Object.entries(external).filter(([, url]) => url !== undefined)),
    ...(!fresh && { dataFolder: DATA_FOLDER }),
  };
}

function showSummary(screen: Screen, { outputs, dataFolder }: Stack, seconds: number): void {
  const rows = {
    API: outputs.apiUrl,
    "Rollup ID": outputs.issuer,
    DynamoDB: outputs.endpoints.dynamodb,
    KMS: outputs.endpoints.kms,
    Secrets: outputs.endpoints.secretsmanager,
    ...(outputs.endpoints.sqs && { Queues: outputs.endpoints.sqs }),
    Data: fromRoot(dataFolder),
    Outputs: fromRoot(outputsFile()),
  };
  screen.line(`\n${screen.style("green", "ready")} after ${seconds.toFixed(1)} s\n`);
  for (const [name, value] of Object.entries(rows)) {
    screen.line(`  ${name.padEnd(11)}${value}`);
  }
  screen.line(`\n  npm run tour shows the main job; Ctrl-C ends everything\n`);
}

function fromRoot(path: string): string {
  const shorter = relative(ROOT, path);
  return shorter.startsWith("..") ? path : shorter;
}

function forceExitLater(): void {
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(
      `\n${error instanceof LocalRunError ? explain(error) : describeBug(error)}\n`,
    );
    process.exit(1);
  },
);
