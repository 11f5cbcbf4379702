/**
 * `npm run proof:faults` runs every case at every provider and writes docs/reliability/faults.json.
 */
import { writeResult } from "../kills/results";
import { CASES } from "./cases";
import type { FaultProvider } from "./fault-case";
import type { FaultResult } from "./result";
import { runFaults } from "./run";

const PROVIDERS: readonly FaultProvider[] = ["none", "grace", "strict"];

async function main(): Promise<number> {
  const startedAt = Date.now();
  const runs = PROVIDERS.map(async (provider) => {
    const cases = CASES.filter(({ providers }) => providers.includes(provider));
    return await runFaults(provider, cases, show);
  });
  const results = (await Promise.all(runs)).flat();
  const order = (one: FaultResult) =>
    CASES.findIndex(({ neighbour, fault }) => neighbour === one.neighbour && fault === one.fault);
  results.sort((one, other) => order(one) - order(other));
  process.stdout.write(`${writeResult("faults", { startedAt, results })}\n`);
  return results.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

function show({ provider, neighbour, fault, caller, afterwards, ...rest }: FaultResult): void {
  const outcome = `${String(caller.status)} → ${String(afterwards.status)} after ${rest.secondsUntilThen.toFixed(1)} s`;
  process.stdout.write(`  ${provider}: ${neighbour}: ${fault}: ${outcome}\n`);
  for (const violation of rest.violations) {
    process.stdout.write(`  NOT ALLOWED ${violation}\n`);
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? "") : String(error)}\n`);
    process.exit(1);
  },
);
