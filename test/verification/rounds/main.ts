/** `npm run proof:rounds [-- --rounds 1000]`: without crashes, oidc-provider revokes no family. */
import { parseArgs } from "node:util";
import { writeResult } from "../kills/results";
import { runRounds } from "./rounds";

const USERS = 4;
const PROGRESS_EVERY = 50;

async function main(): Promise<void> {
  const startedAt = Date.now();
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "1000" } } });
  const rounds = await runRounds({
    rounds: Number(values.rounds),
    users: USERS,
    onRound: (round) => {
      if (round % PROGRESS_EVERY === 0) {
        process.stdout.write(`${round} of ${values.rounds} rounds\n`);
      }
    },
  });
  process.stdout.write(`${JSON.stringify(rounds)}\n`);
  process.stdout.write(`${writeResult("rounds", { startedAt, ...rounds })}\n`);
  process.exit(rounds.revocations === 0 && rounds.usersInStep === USERS ? 0 : 1);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exit(1);
});
