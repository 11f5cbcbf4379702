/** A crowd at once for one user whose access token has run out. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../kills/calls";
import type { ProviderName } from "../kills/providers/provider";
import { startKillWorld, type KillWorld } from "../kills/world";

export interface StormOptions {
  readonly provider: ProviderName;
  readonly callers: number;
  readonly processes: number;
}

export interface Storm extends StormOptions {
  /** Refresh token requests that the provider answered with tokens, from the first caller to the last answer. */
  readonly exchanges: number;
  /** Access tokens that differ. */
  readonly tokens: number;
  /** Of the first attempts, by status. */
  readonly firstAnswers: Readonly<Record<string, number>>;
  /** Callers who were sent away and came again when `Retry-After` said. */
  readonly retried: number;
  readonly served: number;
  readonly isRevoked: boolean;
  readonly slowestMs: number;
}

const MAX_ATTEMPTS = 5;

export async function runStorm(options: StormOptions): Promise<Storm> {
  const { provider, processes } = options;
  const world = await startKillWorld({ provider, concurrency: processes });
  try {
    return await measure(world, options);
  } finally {
    await world.close();
  }
}

async function measure(world: KillWorld, options: StormOptions): Promise<Storm> {
  const user = await world.provider.signIn();
  await world.connect(user);
  await warmUp(world, options.processes);
  await runOut(world, user);
  const before = await world.provider.ledger(user.sub);
  const startedAt = Date.now();
  const all = await Promise.all(
    Array.from({ length: options.callers }, async () => {
      const attempts = await untilServed(async () => await world.token(user));
      return { attempts, tookMs: Date.now() - startedAt };
    }),
  );
  const after = await world.provider.ledger(user.sub);
  const lasts = all.map(({ attempts }) => attempts.at(-1));
  const served = lasts.filter((answer) => answer?.status === 200);
  return {
    ...options,
    processes: world.stack.functions.pools.get("AccessToken")?.counts().alive ?? 0,
    exchanges: after.exchanges - before.exchanges,
    tokens: new Set(served.map((answer) => answer?.accessToken)).size,
    firstAnswers: countFirst(all.map(({ attempts }) => attempts[0])),
    retried: all.filter(({ attempts }) => attempts.length > 1).length,
    served: served.length,
    isRevoked: after.isRevoked,
    slowestMs: Math.max(...all.map(({ tookMs }) => tookMs)),
  };
}

/** One user per process, so that all of them run before the storm comes. */
async function warmUp(world: KillWorld, processes: number): Promise<void> {
  const users = [];
  for (let count = 0; count < processes; count += 1) {
    const user = await world.provider.signIn();
    await world.connect(user);
    users.push(user);
  }
  await Promise.all(users.map(async (user) => await world.freshToken(user)));
}

/** The kept token is good for less than a caller asks for by the time this returns. */
async function runOut(world: KillWorld, user: Parameters<KillWorld["token"]>[0]): Promise<void> {
  await world.provider.setAccessTokenLifetime(61);
  await world.freshToken(user);
  await sleep(2_500);
  await world.provider.setAccessTokenLifetime(3_600);
}

async function untilServed(call: () => Promise<Answer>): Promise<Answer[]> {
  const attempts: Answer[] = [];
  while (attempts.length < MAX_ATTEMPTS) {
    const answer = await call();
    attempts.push(answer);
    if (answer.status !== 503 || answer.retryAfterSeconds === undefined) {
      break;
    }
    await sleep(answer.retryAfterSeconds * 1_000);
  }
  return attempts;
}

function countFirst(answers: readonly (Answer | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const status = String(answer?.status);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
