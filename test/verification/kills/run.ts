/** Many kills side by side: a lease takes a quarter of a minute to run out, and waiting for it costs nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import { createGate } from "../gate";
import { runCase, type Case, type CaseResult } from "./case";
import type { SignedIn } from "./providers/provider";
import type { KillWorld } from "./world";

export interface RunOptions {
  readonly cases: readonly Case[];
  /** Users at work side by side. */
  readonly lanes: number;
  /** Callers of running cases at most, so that nobody waits for a process for long. */
  readonly callersAtOnce: number;
  /** Epoch milliseconds: no case begins after this. */
  readonly until?: number;
  readonly onResult: (result: CaseResult) => void;
}

interface Lane {
  readonly user: SignedIn;
  readonly since: number;
}

/** An ID token is good for an hour. */
const LANE_LIFETIME_MS = 30 * 60_000;
/** People who sign in at once: a crowd of cold starts is not what is measured. */
const SIGN_INS_AT_ONCE = 2;
/** A busy machine answers 503 before the point is reached: nothing was killed then, and the case is still to come. */
const ATTEMPTS = 10;
const PAUSE_MS = 2_000;

export async function runCases(world: KillWorld, options: RunOptions): Promise<void> {
  const { cases, until = Infinity } = options;
  const queue = [...cases];
  const take = () => (Date.now() < until ? queue.shift() : undefined);
  const gate = createGate(options.callersAtOnce);
  const door = createGate(SIGN_INS_AT_ONCE);

  async function work(): Promise<void> {
    let lane: Lane | undefined;
    for (let next = take(); next !== undefined; next = take()) {
      if (lane === undefined || Date.now() - lane.since > LANE_LIFETIME_MS) {
        lane = await door(async () => await enter(world));
      }
      const { user } = lane;
      const kill = async () => await tryCase({ ...world, freshToken: gated }, user, next);
      const result = await untilKilled(kill, ATTEMPTS);
      options.onResult(result);
      if (result.outcome !== "recovered") {
        lane = undefined;
      }
    }
  }

  /** Fresh callers are not held up: their time is what is measured. */
  const gated: KillWorld["freshToken"] = async (user, headers) =>
    headers === undefined
      ? await world.freshToken(user)
      : await gate(async () => await world.freshToken(user, headers));

  await Promise.all(Array.from({ length: options.lanes }, work));
}

async function enter(world: KillWorld): Promise<Lane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // A sign-in that broke off may have spent its refresh token.
      const user = await world.provider.signIn();
      await world.connect(user);
      return { user, since: Date.now() };
    } catch (error) {
      if (attempt === ATTEMPTS) {
        throw error;
      }
      await sleep(PAUSE_MS);
    }
  }
}

export async function untilKilled(
  kill: () => Promise<CaseResult>,
  attempts: number,
): Promise<CaseResult> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await kill();
    if (result.outcome !== "not_killed" || attempt === attempts) {
      return result;
    }
    await sleep(PAUSE_MS);
  }
}

/** Whatever goes wrong is a finding about this case, and no end of the run. */
async function tryCase(world: KillWorld, user: SignedIn, which: Case): Promise<CaseResult> {
  try {
    return await runCase(world, user, which);
  } catch (error) {
    return {
      ...{ ...which, outcome: "lost", usableAfterMs: 0, answers: {}, exchanges: 0 },
      ...{ isRevoked: false, violations: [error instanceof Error ? error.message : String(error)] },
    };
  }
}
