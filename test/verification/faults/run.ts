/**
 * Runs one fault: a caller that meets it, the store after it, and how soon the user is served
 * again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SignedIn } from "../kills/providers/provider";
import { breakIt, isAlone } from "./break";
import { askForToken, statusOf } from "./caller";
import type { FaultCase, FaultProvider } from "./fault-case";
import type { FaultAnswer, FaultResult } from "./result";
import { type FaultWorld, startFaultWorld } from "./world";

const GIVE_UP_MS = 60_000;
const POLL_MS = 500;

/**
 * @param cases those of the provider: first the ones that disturb others, then the rest side by
 *   side
 */
export async function runFaults(
  provider: FaultProvider,
  cases: readonly FaultCase[],
  onResult: (result: FaultResult) => void = () => undefined,
): Promise<FaultResult[]> {
  const world = await startFaultWorld(provider);
  const run = async (which: FaultCase) => {
    const result = await runFault(world, which);
    onResult(result);
    return result;
  };
  try {
    const alone: FaultResult[] = [];
    for (const which of cases.filter(isAlone)) {
      alone.push(await run(which));
    }
    // Waits for all of them, even if one fails, because the stack is closed afterwards.
    const others = await Promise.allSettled(cases.filter((one) => !isAlone(one)).map(run));
    return [...alone, ...others.map(valueOf)];
  } finally {
    await world.close();
  }
}

function valueOf(settled: PromiseSettledResult<FaultResult>): FaultResult {
  if (settled.status === "rejected") {
    throw settled.reason;
  }
  return settled.value;
}

async function runFault(world: FaultWorld, which: FaultCase): Promise<FaultResult> {
  const { asker, mend } = await breakIt(world, which);
  const caller = await askForToken(world, asker);
  await mend();
  const mendedAt = performance.now();
  const { opened, processed } = await look(world, asker.sub);
  const status = await statusOf(world, asker);
  const afterwards = await untilDecided(world, asker, caller);
  const seconds = (performance.now() - mendedAt) / 1_000;
  const { isNewest } = await look(world, asker.sub);
  const result = {
    neighbour: which.neighbour,
    fault: which.fault,
    provider: world.name,
    caller,
    status,
    afterwards,
    isNewest,
    hasToken: opened !== undefined,
    processed,
    isUnchanged: opened === world.provider.fingerprint(asker.refreshToken),
    secondsUntilThen: Math.round(seconds * 10) / 10,
  };
  return { ...result, violations: violationsOf(which, result) };
}

/** Repeats as the answers say, or every half second. */
async function untilDecided(
  world: FaultWorld,
  user: SignedIn,
  first: FaultAnswer,
): Promise<FaultAnswer> {
  const deadline = performance.now() + GIVE_UP_MS;
  let { retryAfterSeconds } = first;
  for (;;) {
    await sleep(retryAfterSeconds === undefined ? POLL_MS : retryAfterSeconds * 1_000);
    const answer = await askForToken(world, user);
    if (answer.status < 500 || performance.now() > deadline) {
      return answer;
    }
    ({ retryAfterSeconds } = answer);
  }
}

async function look(world: FaultWorld, sub: string) {
  const [stored, { live }, processed] = await Promise.all([
    world.stored(sub).catch(() => undefined),
    world.provider.ledger(sub),
    world.processed(sub),
  ]);
  const opened = stored && world.provider.fingerprint(stored.refreshToken);
  return { opened, processed, isNewest: opened !== undefined && opened === live };
}

function violationsOf(
  { caller: [status, code, action], lostAt = [], closes, leaves, withinSeconds }: FaultCase,
  result: Omit<FaultResult, "violations">,
): string[] {
  const isLost = closes === true || lostAt.includes(result.provider);
  const wanted = {
    "the caller gets": [
      [result.caller.status, result.caller.code, result.caller.action].join(" "),
      [status, code, action].join(" "),
    ],
    "afterwards the caller gets": [
      [result.afterwards.status, result.afterwards.code].join(" "),
      isLost ? "409 needs_sign_in" : "200 ",
    ],
    "the newest token is stored": [result.isNewest, closes === true || !isLost],
    "the connection is": [result.status, closes === true ? "needs_sign_in" : "active"],
    "in time": [result.secondsUntilThen <= withinSeconds, true],
    "a token is stored": [result.hasToken, true],
    "the stored token is the one before": [result.isUnchanged || leaves === undefined, true],
    "requests that the provider processed": [leaves === "unsent" ? result.processed : 0, 0],
  } as const;
  return Object.entries(wanted)
    .filter(([, [is, shall]]) => is !== shall)
    .map(([what, [is, shall]]) => `${what}: ${String(is)}, not ${String(shall)}`);
}
