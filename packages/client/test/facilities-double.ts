/**
 * What a browser has, as unkind as the real ones: closed channels throw, full storages refuse,
 * foreign addresses are forbidden.
 */
import type { Channel, Locks } from "../src/environment.js";

export function mapStorage(): Storage {
  const texts = new Map<string, string>();
  return {
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => {
      texts.set(key, value);
    },
    removeItem: (key) => {
      texts.delete(key);
    },
    clear: () => {
      texts.clear();
    },
    key: (at) => [...texts.keys()][at] ?? null,
    get length() {
      return texts.size;
    },
  };
}

/** It holds what it holds, and takes nothing more. */
export function fullStorage(inner: Storage = mapStorage()): Storage {
  const setItem = () => {
    throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
  };
  return Object.assign(Object.create(inner) as Storage, { setItem });
}

/** As a browser has them: one holder per name, the others in the order in which they came. */
export function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    request: async (name, { ifAvailable, signal }, work) => {
      const before = tails.get(name);
      if (before !== undefined && ifAvailable === true) {
        return await work(null);
      }
      const turn = (async () => {
        await before?.catch(() => undefined);
        signal?.throwIfAborted();
        return await work({});
      })();
      tails.set(name, turn);
      const done = () => tails.get(name) === turn && tails.delete(name);
      turn.then(done, done);
      const stopped = new Promise<never>((_, reject) => {
        signal?.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
      });
      return await Promise.race([turn, stopped]);
    },
  };
}

/** As a browser has them: nothing reaches a closed one, and a closed one throws. */
export function createChannels(): (name: string) => Channel {
  const channels = new Set<Channel & { name: string }>();
  return (name) => {
    const own: Channel & { name: string } = {
      name,
      onmessage: null,
      close: () => {
        channels.delete(own);
      },
      postMessage: (message) => {
        if (!channels.has(own)) {
          throw new DOMException("Channel is closed", "InvalidStateError");
        }
        // What cannot be cloned throws at the sender.
        const data: unknown = structuredClone(message);
        for (const other of channels) {
          if (other !== own && other.name === name) {
            setImmediate(() => {
              if (channels.has(other)) {
                other.onmessage?.({ data } as MessageEvent);
              }
            });
          }
        }
      },
    };
    channels.add(own);
    return own;
  };
}

/**
 * The address bar: addresses of other origins are left for, never shown in the place of one's own.
 */
export function createPage(home: string) {
  const location = {
    href: home,
    origin: new URL(home).origin,
    assign: (url: string) => {
      location.href = new URL(url, location.href).href;
    },
  };
  const history = {
    state: null,
    replaceState: (_: unknown, __: string, url?: string) => {
      const next = new URL(url ?? location.href, location.href);
      if (next.origin !== new URL(location.href).origin) {
        throw new DOMException("Not of this origin", "SecurityError");
      }
      location.href = next.href;
    },
  };
  return { location, history };
}
