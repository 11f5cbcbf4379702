/** Where oidc-provider stores what it has issued. */
import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";
import type { Memory } from "./memory";

/** What must survive a restart. Sessions, sign-ins in progress and codes need not. */
const LASTING = ["AccessToken", "Grant", "RefreshToken"];

export interface StoreOptions {
  readonly memory: Memory;
  /** Seconds for which a spent refresh token is still good. @default 0 */
  readonly graceSeconds?: number | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Store {
  readonly adapter: AdapterFactory;
  /** Gives a refresh token that was used and not replaced its whole idle time again. */
  extend(id: string, seconds: number): void;
  /** Forgets all grants and refresh tokens, as an administrator of the provider may. */
  revokeAll(): void;
}

export function createStore({ memory, graceSeconds = 0, now }: StoreOptions): Store {
  const passing = new Map<string, AdapterPayload>();
  const seconds = () => Math.floor(now() / 1000);
  const isGone = ({ exp }: AdapterPayload) => exp !== undefined && exp <= seconds();

  const read = (key: string): AdapterPayload | undefined =>
    passing.get(key) ?? memory.get().entries[key];
  const write = (model: string, key: string, payload: AdapterPayload): void => {
    if (!LASTING.includes(model)) {
      passing.set(key, payload);
      return;
    }
    memory.change({ entries: { ...onlyIf((entry) => !isGone(entry)), [key]: payload } });
  };
  const onlyIf = (isKept: (payload: AdapterPayload, key: string) => boolean) =>
    Object.fromEntries(
      Object.entries(memory.get().entries).filter(([key, payload]) => isKept(payload, key)),
    );

  const createAdapter = (model: string): Adapter => {
    const keyOf = (id: string) => `${model}:${id}`;
    const findBy = (member: "uid" | "userCode", value: string) =>
      [...passing].find(
        ([key, payload]) => key.startsWith(`${model}:`) && payload[member] === value,
      )?.[1];
    const find = (id: string): AdapterPayload | undefined => {
      const found = read(keyOf(id));
      const isInGrace =
        typeof found?.consumed === "number" && seconds() < found.consumed + graceSeconds;
      return isInGrace ? { ...found, consumed: undefined } : found;
    };
    const consume = (id: string): void => {
      const found = read(keyOf(id));
      if (found !== undefined) {
        // Grace counts from the first use.
        const consumed: unknown = found.consumed ?? seconds();
        write(model, keyOf(id), { ...found, consumed });
      }
    };
    const destroy = (id: string): void => {
      passing.delete(keyOf(id));
      memory.change({ entries: onlyIf((_, key) => key !== keyOf(id)) });
    };
    const revokeByGrantId = (grantId: string): void => {
      const isOthers = (payload: AdapterPayload, key: string) =>
        payload.grantId !== grantId || !key.startsWith(`${model}:`);
      for (const [key, payload] of passing) {
        if (!isOthers(payload, key)) {
          passing.delete(key);
        }
      }
      memory.change({ entries: onlyIf(isOthers) });
    };
    return {
      upsert: (id, payload) => {
        write(model, keyOf(id), payload);
        return done(undefined);
      },
      find: (id) => done(find(id)),
      findByUid: (uid) => done(findBy("uid", uid)),
      findByUserCode: (userCode) => done(findBy("userCode", userCode)),
      consume: (id) => {
        consume(id);
        return done(undefined);
      },
      destroy: (id) => {
        destroy(id);
        return done(undefined);
      },
      revokeByGrantId: (grantId) => {
        revokeByGrantId(grantId);
        return done(undefined);
      },
    };
  };

  return {
    adapter: createAdapter,
    extend: (id, lifetime) => {
      const key = `RefreshToken:${id}`;
      const found = read(key);
      if (found !== undefined) {
        write("RefreshToken", key, { ...found, exp: seconds() + lifetime });
      }
    },
    revokeAll: () => {
      memory.change({ entries: {} });
    },
  };
}

/** oidc-provider waits for its storage; this one has no need to. */
async function done<T>(result: T): Promise<T> {
  return await Promise.resolve(result);
}
