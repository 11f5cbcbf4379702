/**
 * Runs many kills side by side: each waits about 15 seconds for a lease to end, which costs no time
 * of the processor.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createGate } from "../gate";
import { type Case, type CaseResult, runCase } from "./case";
import type { SignedIn } from "./providers/provider";
import type { KillWorld } from "./world";

export interface RunOptions {
  readonly cases: readonly Case[];
  /** Concurrent users. */
  readonly lanes: number;
  /** Concurrent callers at most, so that none waits long for a process. */
  readonly callersAtOnce: number;
  /** Epoch milliseconds; no case begins after this. */
  readonly until?: number;
  readonly onResult: (result: CaseResult) => void;
}

interface Lane {
  readonly user: SignedIn;
  readonly since: number;
}

/** An ID token is valid for an hour. */
const LANE_LIFETIME_MS = 30 * 60_000;
/** Concurrent sign-ins: a crowd of cold starts is not what is measured. */
const SIGN_INS_AT_ONCE = 2;
/**
 * A busy machine answers 503 before the point is reached: no process was killed, and the case is
 * still to do.
 */
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

  /** The gate lets fresh callers pass, because their time is measured. */
  const gated: KillWorld["freshToken"] = async (user, headers) =>
    headers === undefined
      ? await world.freshToken(user)
      : await gate(async () => await world.freshToken(user, headers));

  await Promise.all(Array.from({ length: options.lanes }, work));
}

async function enter(world: KillWorld): Promise<Lane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // An interrupted sign-in may have spent its refresh token.
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

/** Any error is a finding about this case and does not end the run. */
async function tryCase(world: KillWorld, user: SignedIn, which: Case): Promise<CaseResult> {
  try {
    return await runCase(world, user, which);
  } catch (error) {
    return {
      ...which,
      outcome: "lost",
      usableAfterMs: 0,
      answers: {},
      exchanges: 0,
      isRevoked: false,
      violations: [error instanceof Error ? error.message : String(error)],
    };
  }
}
