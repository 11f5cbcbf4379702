/** A crowd of callers at once for one user whose access token has expired. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../kills/calls";
import type { ProviderName } from "../kills/providers/provider";
import { type KillWorld, startKillWorld } from "../kills/world";

export interface StormOptions {
  readonly provider: ProviderName;
  readonly callers: number;
  readonly processes: number;
}

export interface Storm extends StormOptions {
  /**
   * Refresh requests that the provider answered with tokens, from the first caller to the last
   * answer.
   */
  readonly exchanges: number;
  /** Number of different access tokens. */
  readonly tokens: number;
  /** First attempts, by status. */
  readonly firstAnswers: Readonly<Record<string, number>>;
  /** Callers that got `Retry-After` and came again. */
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

/** One user per process, so that all processes run before the storm. */
async function warmUp(world: KillWorld, processes: number): Promise<void> {
  const users = [];
  for (let count = 0; count < processes; count += 1) {
    const user = await world.provider.signIn();
    await world.connect(user);
    users.push(user);
  }
  await Promise.all(users.map(async (user) => await world.freshToken(user)));
}

/** When this returns, the cached token has run out. */
async function runOut(world: KillWorld, user: Parameters<KillWorld["token"]>[0]): Promise<void> {
  await world.provider.setAccessTokenLifetime(1);
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
