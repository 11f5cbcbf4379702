import { UnavailableError } from "../../lambda/errors";
import type { ActiveGrant } from "../../lambda/grant/grant";
import { refuse } from "../../lambda/grant/transitions";
import type { TokenOutcome } from "../../lambda/ports/provider";
import type { GrantStore } from "../../lambda/ports/stores";
import { postedSecret } from "./client-credentials";
import { createWorld, SUB, type World, type WorldOptions } from "./exchange-world";

export const LEASE_MS = 17_000;

/** A world whose store a test can switch off, and whose queue somebody empties. */
export async function createRecoverable(options: WorldOptions = {}) {
  const state = { isStoreDown: false };
  const guard =
    <A extends unknown[], R>(act: (...all: A) => Promise<R>) =>
    (...all: A): Promise<R> =>
      state.isStoreDown ? Promise.reject(new UnavailableError("store_unavailable")) : act(...all);
  const world = await createWorld({
    rotation: "strict",
    wrapStore: (store): GrantStore => ({ read: guard(store.read), write: guard(store.write) }),
    ...options,
  });
  return {
    ...world,
    store: world.store,
    /** The store is gone from the moment at which the provider has the request. */
    loseStoreMidExchange: () => {
      world.tokenEndpoint.during(() => {
        state.isStoreDown = true;
      });
    },
    setStoreDown: (isDown: boolean) => {
      state.isStoreDown = isDown;
    },
    deliverNext: () => world.queue.deliver(world.consume),
    /** Everything that may be seen by now, each item once. */
    deliver: async () => {
      let count = 0;
      while (await world.time.run(world.queue.deliver(world.consume))) {
        count += 1;
      }
      return count;
    },
  };
}

type Recoverable = Awaited<ReturnType<typeof createRecoverable>>;

/**
 * A holder whose process ends when the provider has processed its request. Its watchdog was sent
 * before.
 */
export async function dieMidExchange(world: World | Recoverable): Promise<void> {
  await dieAtIntent(world);
  await world.queue.recovery.watch(await deadLease(world), LEASE_MS / 1000);
  await world.time.run(world.tokenEndpoint.refresh("refresh-token-0", postedSecret("secret"), SUB));
}

/** The same before its watchdog was sent: nobody knows of it. */
export async function dieAtIntent(world: World | Recoverable): Promise<void> {
  const grant = await world.active();
  const lease = { owner: "dead", expiresAt: world.time.now() + LEASE_MS, takenOver: false };
  await world.store.write({ ...grant, lease }, grant.revision);
}

export async function deadLease(world: World | Recoverable) {
  const { sub, grantId } = await world.grant();
  return { sub, grantId, owner: "dead" };
}

export const refused = (grant: ActiveGrant) =>
  refuse(grant, "in_doubt", { at: grant.since, by: "test" });

export const kinds = (world: Recoverable) => world.queue.items.map(({ task }) => task.kind);

export function doubtful(retryAfterSeconds: number | undefined): TokenOutcome & { kind: "failed" } {
  return { kind: "failed", cause: "idp_in_doubt", processed: "maybe", retryAfterSeconds };
}

export function foreign({ time }: Pick<World, "time">): TokenOutcome {
  const accessToken = {
    ...({ accessToken: "foreign", tokenType: "Bearer", scope: undefined } as const),
    expiresAt: time.now() + 3_600_000,
  };
  return {
    kind: "tokens",
    accessToken,
    refreshToken: "foreign-refresh-token",
    foreign: true,
    sub: undefined,
  } as const;
}
