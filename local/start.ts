/** `npm start`: the stack on this machine until Ctrl-C. */
import { relative } from "node:path";
import { describeBug, explain, LocalRunError } from "./local-run-error";
import { openInBrowser } from "./open-page";
import { outputsFile, removeOutputs, writeOutputs } from "./outputs";
import { createScreen, type Screen } from "./progress";
import { type Stack, startStack } from "./stack";
import { LIMITS_TO_TRY } from "./stack-options";
import { type Flags, HELP, readFlags, readOptions, ROOT } from "./start-options";
import { stopSignal } from "./stop-signals";
import { runTour } from "./tour-steps";

/**
 * A stop that hangs is ended: nothing that was started outlives this process (its children notice
 * its end).
 */
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

async function run(flags: Flags, screen: Screen, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  screen.line(`\n${screen.style("bold", "rollup-vault")}, the local run\n`);
  const stack = await startStack({
    ...readOptions(flags.fresh),
    limits: LIMITS_TO_TRY,
    step: screen.step,
    signal,
  });
  try {
    signal.throwIfAborted();
    await writeOutputs(stack.outputs);
    showSummary(screen, stack, (performance.now() - startedAt) / 1000);
    if (flags.open && !(await openInBrowser(stack.outputs.pageUrl))) {
      screen.line(`  no browser could be started; open ${stack.outputs.pageUrl} yourself\n`);
    }
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

function showSummary(screen: Screen, { outputs, dataFolder }: Stack, seconds: number): void {
  const rows = {
    Page: outputs.pageUrl,
    API: outputs.apiUrl,
    "API docs": outputs.apiDocsUrl,
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
