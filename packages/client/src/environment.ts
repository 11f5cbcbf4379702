/**
 * What the client uses of its host. Each part may be absent: Node.js has no tabs, a React Native
 * app has no address bar.
 */

import { safely } from "./safely.js";
import type { TextStorage } from "./types.js";

/** The used part of `BroadcastChannel`. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

/** The used part of `navigator.locks`. */
export interface Locks {
  request<T>(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    work: (lock: object | null) => Promise<T>,
  ): Promise<T>;
}

export interface Environment {
  readonly fetch: typeof fetch;
  /**
   * Two clocks in milliseconds, each since a time of its own: the wall clock may be set, the steady
   * one may stop while the machine sleeps.
   */
  readonly clocks: () => readonly [wall: number, steady: number];
  /** In [0, 1). */
  readonly chance: () => number;
  /** The address bar. Its members are read when used: each may throw. */
  readonly page?: { readonly location: Location; readonly history: History } | undefined;
  /** This tab's storage, until the tab is closed. */
  readonly storage?: TextStorage | undefined;
  /** The storage of all tabs, until it is cleared. */
  readonly locals?: TextStorage | undefined;
  readonly openChannel?: ((name: string) => Channel) | undefined;
  readonly locks?: Locks | undefined;
  /**
   * Calls back when the browser shows the page again from its cache, perhaps days later.
   * @param changed another tab has written to a storage of both. A message of its own may be here
   *   before what it has written is.
   */
  readonly onRestored?: ((listener: () => void, changed: () => unknown) => unknown) | undefined;
}

export function hostEnvironment(): Environment {
  return {
    // Looked up at each call: a page may replace the global one.
    fetch: (input, init) => fetch(input, init),
    clocks: () => [Date.now(), performance.now()],
    chance: Math.random,
    ...((globalThis as Partial<typeof globalThis>).document && {
      page: globalThis,
      // A browser that blocks site data throws at the mere access.
      storage: safely(() => sessionStorage),
      locals: safely(() => localStorage),
      openChannel: (name: string) => new BroadcastChannel(name),
      locks: safely(() => (navigator as { locks?: Locks }).locks),
      onRestored,
    }),
  };
}

function onRestored(listener: () => void, changed: () => unknown): void {
  addEventListener("storage", changed);
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) {
      listener();
    }
  });
}
