/**
 * Messages and locks between the tabs of one origin. Nothing is stored.
 */
import type { Core } from "./core.js";
import type { SignedOutReason } from "./events.js";
import { safely } from "./safely.js";
import type { AccessToken } from "./wire.js";

export type TabMessage =
  | {
      readonly kind: "token";
      readonly sub: string;
      readonly token: AccessToken;
      /** Remaining lifetime in ms: two tabs have no clock in common. */
      readonly left: number;
    }
  | {
      readonly kind: "in";
      readonly sub: string;
      /** When the session began (wall clock, ms). */
      readonly at: number;
    }
  | {
      readonly kind: "out";
      readonly sub: string;
      /** Id of the session that ended; undefined if the tab did not know it. */
      readonly id: string | undefined;
      /** Every session of this user from before this time has ended (wall clock, ms). */
      readonly all: number | undefined;
      readonly reason: SignedOutReason;
    }
  | { readonly kind: "stale"; readonly sub: string; readonly reason: string };

export interface Tabs {
  /** Never throws. */
  broadcast(message: TabMessage): void;
  /** One tab at a time. @param work is told whether it had to wait for another tab */
  withLock<T>(name: string, work: (waited: boolean) => Promise<T>): Promise<T>;
  readonly close: () => void;
}

/**
 * A tab that hangs must not block the others. The lock only saves requests: the API itself allows
 * one refresh at a time.
 */
const LOCK_TIMEOUT_MS = 10_000;

export function createTabs(
  { openChannel, locks, key }: Core,
  listener: (event: MessageEvent<TabMessage>) => void,
): Tabs {
  const channel = safely(() => openChannel?.(key));
  if (channel) {
    channel.onmessage = listener;
  }
  return {
    // A closed channel throws; a message to other tabs is optional.
    broadcast: (message) => safely(() => channel?.postMessage(message)),
    withLock: async <T>(name: string, work: (waited: boolean) => Promise<T>) => {
      const lock = `${key} ${name}`;
      let begun: Promise<T> | undefined;
      const begin = (waited: boolean) => (begun ??= work(waited));
      try {
        await locks?.request(
          lock,
          { ifAvailable: true },
          async (got) => got && (await begin(false)),
        );
        if (!begun) {
          const signal = AbortSignal.timeout(LOCK_TIMEOUT_MS);
          await locks?.request(lock, { signal }, () => begin(true));
        }
      } catch {
        // An error of the work is thrown below. Without a lock (timeout, or not allowed here) the
        // work is done all the same.
      }
      return await begin(false);
    },
    close: () => safely(() => channel?.close()),
  };
}
