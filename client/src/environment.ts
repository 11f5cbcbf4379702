/** What the client uses of the place where it runs. Each part may be absent: Node.js has no tabs, a React Native app has no address bar. */

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
  /** Milliseconds since any time, by two clocks: one may be set, the other may stop while the machine sleeps. */
  readonly clocks: () => readonly [wall: number, steady: number];
  /** In [0, 1). */
  readonly random: () => number;
  /** The address bar. */
  readonly page?: { readonly location: Location; readonly history: History } | undefined;
  /** Of this tab, until it is closed. */
  readonly storage?: TextStorage | undefined;
  readonly openChannel?: ((name: string) => Channel) | undefined;
  readonly locks?: Locks | undefined;
  /** Calls back when the page is shown again as it was left, also days later. */
  readonly onRestored?: ((listener: () => void) => void) | undefined;
}

export function hostEnvironment(): Environment {
  const scope: Partial<typeof globalThis> = globalThis;
  const isPage = scope.document !== undefined;
  return {
    // Bound late: a page may put its own in the place of the global one.
    fetch: (input, init) => globalThis.fetch(input, init),
    clocks: () => [Date.now(), performance.now()],
    random: Math.random,
    ...(isPage && {
      page: globalThis,
      storage: tabStorage(),
      openChannel: scope.BroadcastChannel && ((name: string) => new BroadcastChannel(name)),
      locks: (navigator as { locks?: Locks }).locks,
      onRestored,
    }),
  };
}

/** Where a browser is told to block site data, the mere access throws. */
function tabStorage(): TextStorage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

function onRestored(listener: () => void): void {
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) {
      listener();
    }
  });
}
