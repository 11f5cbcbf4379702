/**
 * What the client uses of the place where it runs. Each part may be absent: Node.js has no tabs, a
 * React Native app has no address bar.
 */

import { safely } from "./safely.js";
import type { TextStorage } from "./types.js";

/** `BroadcastChannel`, as far as it is used. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

/** `navigator.locks`, as far as it is used. */
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
   * Milliseconds since any time, by two clocks: one may be set, the other may stop while the
   * machine sleeps.
   */
  readonly clocks: () => readonly [wall: number, steady: number];
  /** In [0, 1). */
  readonly random: () => number;
  /** The address bar. Its members are looked up when they are used: each may throw. */
  readonly page?: { readonly location: Location; readonly history: History } | undefined;
  /** Of this tab, until it is closed. */
  readonly storage?: TextStorage | undefined;
  readonly openChannel?: ((name: string) => Channel) | undefined;
  readonly locks?: Locks | undefined;
  /** Calls back when the page is shown again as it was left, also days later. */
  readonly onRestored?: ((listener: () => void) => unknown) | undefined;
}

export function hostEnvironment(): Environment {
  return {
    // Bound late: a page may put its own in the place of the global one.
    fetch: (input, init) => globalThis.fetch(input, init),
    clocks: () => [Date.now(), performance.now()],
    random: Math.random,
    ...((globalThis as Partial<typeof globalThis>).document && {
      page: globalThis,
      // Where a browser is told to block site data, the mere access throws.
      storage: safely(() => sessionStorage),
      openChannel: (name: string) => new BroadcastChannel(name),
      locks: safely(() => (navigator as { locks?: Locks }).locks),
      onRestored,
    }),
  };
}

function onRestored(listener: () => void): void {
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) {
      listener();
    }
  });
}
