/**
 * Rounds at a provider that revokes a family on reuse: in each, several callers want a new access
 * token at once.
 */
import type { SignedIn } from "../kills/providers/provider";
import { type KillWorld, startKillWorld } from "../kills/world";

export interface RoundsOptions {
  readonly rounds: number;
  /** Concurrent users. */
  readonly users: number;
  readonly onRound?: (done: number) => void;
}

export interface Rounds {
  readonly rounds: number;
  readonly calls: number;
  readonly served: number;
  readonly exchanges: number;
  /** Rounds without a refresh. */
  readonly withoutRotation: number;
  readonly revocations: number;
  /** Users whose stored token is the provider's live one at the end. */
  readonly usersInStep: number;
  readonly users: number;
}

/** Two to five callers, in turn. */
const callersIn = (round: number) => 2 + (round % 4);
const PROCESSES = 12;

export async function runRounds(options: RoundsOptions): Promise<Rounds> {
  const world = await startKillWorld({ provider: "oidc-provider", concurrency: PROCESSES });
  try {
    return await measure(world, options);
  } finally {
    await world.close();
  }
}

async function measure(world: KillWorld, { rounds, users, onRound }: RoundsOptions) {
  const people: SignedIn[] = [];
  const sum = { calls: 0, served: 0, exchanges: 0, withoutRotation: 0 };
  for (let count = 0; count < users; count += 1) {
    const user = await world.provider.signIn();
    await world.connect(user);
    people.push(user);
  }
  let begun = 0;
  await Promise.all(
    people.map(async (user) => {
      while (begun < rounds) {
        const round = (begun += 1);
        const found = await playRound(world, user, callersIn(round));
        sum.calls += callersIn(round);
        sum.served += found.served;
        sum.exchanges += found.exchanges;
        sum.withoutRotation += found.exchanges === 0 ? 1 : 0;
        onRound?.(round);
      }
    }),
  );
  const ends = await Promise.all(people.map(async (user) => await inspect(world, user)));
  return {
    rounds: begun,
    users,
    ...sum,
    revocations: ends.filter(({ isRevoked }) => isRevoked).length,
    usersInStep: ends.filter(({ isInStep }) => isInStep).length,
  };
}

async function playRound(world: KillWorld, user: SignedIn, callers: number) {
  const before = await world.provider.ledger(user.sub);
  const answers = await Promise.all(
    Array.from({ length: callers }, async () => await world.freshToken(user)),
  );
  const after = await world.provider.ledger(user.sub);
  return {
    served: answers.filter(({ status }) => status === 200).length,
    exchanges: after.exchanges - before.exchanges,
  };
}

async function inspect(world: KillWorld, { sub }: SignedIn) {
  const { live, isRevoked } = await world.provider.ledger(sub);
  const { refreshToken } = await world.stored(sub);
  return { isRevoked, isInStep: world.provider.fingerprint(refreshToken) === live };
}
