import { LEASE_MARGIN_MS } from "../../lambda/deadlines";
import type { ActiveGrant, Grant, LeasedGrant } from "../../lambda/grant/grant";
import { leaveInInbox, takeLease } from "../../lambda/grant/transitions";
import type { GrantStore } from "../../lambda/ports/stores";
import type { ExchangeDependencies, LeaseHolder } from "../../lambda/refresh/types";
import { postedSecret } from "./client-credentials";
import { asActive, createWorld, type World } from "./exchange-world";

const TIME_LEFT_MS = 15_000;
/** Of a holder who never reported back. */
export const DEAD = { owner: "dead", expiresAt: 0, takenOver: false };

export interface TakenOptions {
  readonly rotation?: "none" | "grace" | "strict";
  /** What the row had before the intent. */
  readonly before?: Partial<ActiveGrant>;
  readonly timeLeftMs?: number;
  readonly fraction?: number;
  readonly wrapStore?: (store: GrantStore) => GrantStore;
  /** How long a pause takes, and what happens in it. */
  readonly sleep?: (milliseconds: number, world: World) => Promise<void> | void;
}

/** The intent is written, nothing is sent yet: what the steps after it are called with. */
export async function createTaken(options: TakenOptions = {}) {
  const { rotation = "strict", timeLeftMs = TIME_LEFT_MS, fraction = 1 } = options;
  const world = await createWorld({ rotation });
  const pauses: number[] = [];
  const sleep = async (milliseconds: number) => {
    pauses.push(milliseconds);
    await (
      options.sleep ??
      ((ms) => {
        world.time.advance(ms);
      })
    )(milliseconds, world);
  };
  const dependencies: ExchangeDependencies = {
    ...world.dependencies,
    grants: options.wrapStore?.(world.store) ?? world.store,
    timer: { sleep },
    random: { id: () => "id", fraction: () => fraction },
  };
  const before = asActive(await put(world, (grant) => ({ ...grant, ...options.before })));
  const deadline = world.time.now() + timeLeftMs;
  const lease = { owner: "me", expiresAt: deadline + LEASE_MARGIN_MS };
  const leased = takeLease(before, lease);
  await put(world, () => leased);
  const grant: LeasedGrant = { ...leased, revision: before.revision + 1 };
  const { sub, grantId } = grant;
  const gen = before.revision + 1;
  const key = await dependencies.sealer.newKey({ sub, grantId, gen });
  const call = { sub, deadline, log: world.dependencies.log, by: "POST /me/access-token" };
  const prepared = {
    credentials: postedSecret("secret"),
    refreshToken: "refresh-token-0",
    key,
    gen,
  };
  const held: LeaseHolder = { ...prepared, grant, call };
  return { world, pauses, dependencies, before, held };
}

/** Of an active grant. */
export async function put(world: World, change: (grant: ActiveGrant) => Grant): Promise<Grant> {
  const grant = await world.active();
  const written = await world.store.write(change(grant), grant.revision);
  expect(written.written).toBe(true);
  return await world.grant();
}

/** Into the inbox, sealed as its holder would have. */
export async function leave(world: World, refreshToken: string, gen: number): Promise<void> {
  const { sub, grantId } = await world.grant();
  const key = await world.dependencies.sealer.newKey({ sub, grantId, gen });
  const ciphertext = key.seal(refreshToken, "refresh_token");
  await put(world, (grant) => leaveInInbox(grant, { ciphertext, gen }));
}
