/** `npm start`: the stack on this machine until Ctrl-C. */
import { relative } from "node:path";
import type { Preset } from "../lib/provider/preset";
import { describeBug, explain, LocalRunError } from "./local-run-error";
import { openInBrowser } from "./open-page";
import { claimOutputs, type Outputs, outputsFile, removeOutputs, writeOutputs } from "./outputs";
import { ownAppLines } from "./own-app";
import { pageRedirectUri } from "./page/page-content";
import { createScreen, type Screen } from "./progress";
import { chooseProvider } from "./provider/choose";
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
  const options = readOptions(flags);
  await claimOutputs();
  const chosen = await chooseProvider(flags.provider);
  const stack = await startStack({
    ...options,
    ...chosen.options,
    limits: LIMITS_TO_TRY,
    step: screen.step,
    signal,
  });
  let written: string | undefined;
  try {
    signal.throwIfAborted();
    written = await claimOutputs();
    await writeOutputs(stack.outputs, written);
    showSummary(screen, { ...stack, outputsFile: written }, (performance.now() - startedAt) / 1000);
    if (chosen.preset !== undefined) {
      showProvider(screen, stack.outputs, chosen.preset);
    }
    screen.line();
    ownAppLines(stack.outputs).forEach((line) => {
      screen.line(`  ${line}`.trimEnd());
    });
    const where = written === outputsFile() ? "" : `LOCAL_OUTPUTS=${written} `;
    screen.line(`\n  \`${where}npm run tour\` shows the main job; Ctrl-C ends everything\n`);
    if (flags.tour) {
      await runTour(stack.outputs, screen, { open: flags.open, signal });
      return;
    }
    if (flags.open && !(await openInBrowser(stack.outputs.pageUrl))) {
      screen.line(`  no browser could be started; open ${stack.outputs.pageUrl} yourself\n`);
    }
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
    });
    screen.line("\nstopping");
  } finally {
    await (written && removeOutputs(written));
    await stack.close();
  }
}

function showSummary(
  screen: Screen,
  {
    outputs,
    operatorScreen,
    dataFolder,
    outputsFile: file,
  }: Stack & { readonly outputsFile: string },
  seconds: number,
): void {
  const rows = {
    Page: outputs.pageUrl,
    API: outputs.apiUrl,
    "API docs": outputs.apiDocsUrl,
    Operations: `${outputs.pageUrl}/operations`,
    // Its token works once.
    ...(operatorScreen && { Operator: operatorScreen.address }),
    ...providerRow(outputs),
    DynamoDB: outputs.endpoints.dynamodb,
    KMS: outputs.endpoints.kms,
    Secrets: outputs.endpoints.secretsmanager,
    ...(outputs.endpoints.sqs && { Queues: outputs.endpoints.sqs }),
    Data: fromRoot(dataFolder),
    Outputs: fromRoot(file),
  };
  screen.line(`\n${screen.style("green", "ready")} after ${seconds.toFixed(1)} s\n`);
  for (const [name, value] of Object.entries(rows)) {
    screen.line(`  ${name.padEnd(10)} ${value}`);
  }
}

function providerRow({ provider, issuer, faults }: Outputs): Readonly<Record<string, string>> {
  if (faults?.kind === "rollup-id") {
    return { [provider]: issuer };
  }
  return { Provider: new URL(issuer).host === provider ? issuer : `${issuer} (${provider})` };
}

/** What is not as beside Rollup ID. */
function showProvider(screen: Screen, outputs: Outputs, preset: Preset): void {
  const { provider, isLocalProvider, redirectUri, pageUrl, idpSettings } = outputs;
  screen.line(
    isLocalProvider
      ? `\n  a local provider plays ${preset.title}; sign in as anybody, without a password`
      : `\n  register these redirect URIs at ${provider}:\n    ${pageRedirectUri(pageUrl)}   the page, and the tour\n    ${redirectUri}   your own backend`,
  );
  screen.line(`\n  the stage's provider (preset ${preset.name}); all else is as beside Rollup ID:`);
  for (const [name, value] of Object.entries(idpSettings)) {
    screen.line(`    ${name}: ${JSON.stringify(value)}`);
  }
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
