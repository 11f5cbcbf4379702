/**
 * A user under one subject, and the command that moves them to another; every call of its ports
 * can be made the last one.
 */
import type { Grant } from "../../lambda/grant/grant";
import type { Evidence } from "../../lambda/model";
import type { UserEraser, UserStore } from "../../lambda/ports/stores";
import { createPatchAttributes } from "../../lambda/use-cases/attributes";
import { createDisconnect } from "../../lambda/use-cases/disconnect";
import { createErase } from "../../lambda/use-cases/erase";
import { createFreeze } from "../../lambda/use-cases/freeze";
import { createMovePlan, createMoveUser } from "../../lambda/use-cases/move-user";
import { createAccountWorld, type WrapPorts } from "./account-world";
import { asActive, SUB, type WorldOptions } from "./exchange-world";
import { createFamiliesDouble, type Rotation } from "./families-double";
import { createInMemoryMoveJournal } from "./in-memory-move-journal";
import { Crash, type Plan as MortalPlan } from "./mortal";
import { type RowChange, rowOf } from "./rows";

export const OLD = SUB;
export const NEW = "urn:rollupid:identity/0x02";
export const THIRD = "urn:rollupid:identity/0x03";

const PATTERN = /^urn:rollupid:identity\/0x[0-9a-f]+$/;
const PATIENCE_MS = 10 * 60_000;

export interface MoveWorldOptions extends WorldOptions {
  readonly rotation?: Rotation;
  readonly wrapPorts?: WrapPorts;
  /** Nobody takes from the queue, as where it is not known. @default true */
  readonly hasQueue?: boolean;
}

/**
 * What dies and when: before the store hears of the `fatal`-th call, or before its answer arrives.
 * `isRepeated`: it lives, but that answer is lost, and the SDK repeats the call.
 */
export interface Plan extends MortalPlan {
  isRepeated?: boolean;
}

export async function createMoveWorld(options: MoveWorldOptions = {}) {
  const { rotation = "none", wrapPorts, hasQueue = true } = options;
  const provider = createFamiliesDouble({ rotation });
  const ports: Record<string, object> = {};
  const world = await createAccountWorld({
    endpoint: provider.endpoint,
    isRevocable: true,
    ...options,
    wrapPorts: (name, port) => {
      const wrapped = wrapPorts?.(name, port) ?? port;
      ports[name] = wrapped;
      return wrapped;
    },
  });
  const { time, dependencies } = world;
  const { users, sessions } = ports as { users: UserStore & UserEraser; sessions: never };
  const account = { ...dependencies, users, sessions };
  const journal = createInMemoryMoveJournal();

  /** Of a process of its own, which may die. */
  function mover(plan: Plan = { fatal: Infinity, isApplied: false, calls: 0 }) {
    const mortal = <P extends object>(name: string, port: P): P =>
      dying(plan, wrapPorts?.(`move.${name}`, port) ?? port);
    const own = {
      ...dependencies,
      users: mortal("users", world.userItems.mover),
      grants: mortal("grants", world.store.mover),
      ended: mortal("ended", world.marks),
      journal: mortal("journal", journal),
      sessions: mortal("sessions", world.sessionItems),
      renewals: hasQueue && rotation !== "none" ? world.queue.renewals : undefined,
      rotation,
      subPattern: PATTERN,
    };
    const [move, look] = [createMoveUser(own), createMovePlan(own)];
    const request = (from: string, to: string) => ({
      from,
      to,
      by: "admin",
      deadline: time.now() + PATIENCE_MS,
    });
    return {
      move: (from: string = OLD, to: string = NEW) => move(request(from, to)),
      look: (from: string = OLD, to: string = NEW) => look(request(from, to)),
    };
  }

  async function grantOf(sub: string): Promise<Grant | undefined> {
    return (await world.store.mover.find(sub)).grant;
  }

  const call = (sub: string) => ({
    sub,
    by: "test",
    deadline: time.now() + 15_000,
    log: dependencies.log,
  });
  const [disconnect, erase] = [createDisconnect(account), createErase(account)];
  const freeze = createFreeze(account);
  const patch = createPatchAttributes({ users, clock: time });
  const first = provider.issue("first");
  await world.signInWith(world.idToken({ sub: OLD }), first);
  const created = await users.find(OLD);
  await users.putAttributes(created.user!, { theme: "dark", plan: "old" }, time.now());
  time.advance(5_000);

  return {
    ...world,
    provider,
    journal,
    mover,
    grantOf,
    /** Into a state that somebody has left it in. */
    change: async (sub: string, change: RowChange) => {
      const grant = asActive((await grantOf(sub))!);
      const result = await world.store.write(rowOf(grant, change), grant.revision);
      expect(result.written).toBe(true);
    },
    /** By the command that lives. */
    move: (from: string = OLD, to: string = NEW) => time.run(mover().move(from, to), world.handOut),
    look: (from: string = OLD, to: string = NEW) => mover().look(from, to),
    /** Signs up at the provider and here, with a connection and an attribute or two. */
    join: async (sub: string, family: string, attributes: Record<string, string> = {}) => {
      await world.signInWith(world.idToken({ sub }), provider.issue(family));
      const { user } = await users.find(sub);
      await users.putAttributes(user!, attributes, time.now());
      time.advance(2_000);
    },
    of: (sub: string) => {
      /** Of this moment: nothing that came before makes it count less. */
      const evidence = (): Evidence => ({ sub, at: time.now(), tokenHash: undefined });
      return {
        evidence,
        signIn: (family: string) =>
          world.signInWith(world.idToken({ sub }), provider.issue(family)),
        put: () => world.putUser(world.idToken({ sub })),
        patch: (name: string, by = evidence()) =>
          patch({ evidence: by, patch: { [name]: "patched" }, ifVersion: undefined }),
        store: (family: string) => world.storeWith(evidence(), provider.issue(family)),
        call: () => world.call({ sub }),
        disconnect: () => disconnect({ ...call(sub), evidence: evidence() }),
        erase: (by = evidence()) => erase({ ...call(sub), evidence: by }),
        freeze: () => freeze({ sub, by: "admin" }),
      };
    },
    /** What the row opens to under its own subject and `grantId`. */
    tokenOf: async (sub: string): Promise<string | undefined> => {
      const grant = await grantOf(sub);
      const newest = [grant?.refreshToken, ...(grant?.inbox ?? [])]
        .filter((token) => token !== undefined)
        .sort((a, b) => b.gen - a.gen)[0];
      if (grant === undefined || newest === undefined) {
        return undefined;
      }
      const { ciphertext, gen } = newest;
      const context = { sub, grantId: grant.grantId, gen, purpose: "refresh_token" } as const;
      return await dependencies.opener.open(ciphertext, context);
    },
  };
}

export type MoveWorld = Awaited<ReturnType<typeof createMoveWorld>>;

/** Whether there is an access token to be had. */
export async function isConnected(world: MoveWorld, sub: string): Promise<boolean> {
  const { time, handOut } = world;
  return await time.run(world.of(sub).call(), handOut).then(
    () => true,
    () => false,
  );
}

function dying<P extends object>(plan: Plan, port: P): P {
  return new Proxy(port, {
    get(target, method) {
      const real = Reflect.get(target, method) as (...all: unknown[]) => Promise<unknown>;
      return async (...all: unknown[]) => {
        plan.calls += 1;
        if (plan.isRepeated === true) {
          const isLost = plan.calls === plan.fatal;
          const answer = await real(...all);
          return isLost ? await real(...all) : answer;
        }
        // Whoever is dead does nothing any more.
        if (plan.calls > plan.fatal || (plan.calls === plan.fatal && !plan.isApplied)) {
          throw new Crash();
        }
        const answer = await real(...all);
        if (plan.calls >= plan.fatal) {
          throw new Crash();
        }
        return answer;
      };
    },
  });
}
