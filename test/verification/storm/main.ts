/** `npm run proof:storm`: 1,000 callers at once, with and without rotation. */
import { writeResult } from "../kills/results";
import { runStorm } from "./storm";

const CALLERS = 1_000;
const PROCESSES = 16;

async function main(): Promise<void> {
  const startedAt = Date.now();
  const storms = [];
  for (const provider of ["none", "oidc-provider"] as const) {
    process.stdout.write(`${CALLERS} callers at ${provider} …\n`);
    const storm = await runStorm({ provider, callers: CALLERS, processes: PROCESSES });
    process.stdout.write(`${JSON.stringify(storm)}\n`);
    storms.push(storm);
  }
  const file = writeResult("storm", { startedAt, storms });
  process.stdout.write(`${file}\n`);
  const isShown = storms.every(
    ({ exchanges, served, isRevoked }) => exchanges === 1 && served === CALLERS && !isRevoked,
  );
  process.exit(isShown ? 0 : 1);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exit(1);
});
