/**
 * Other tabs of the same origin: what they tell each other, and whose turn it is. Nothing of it is
 * stored anywhere.
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
      /** Milliseconds that it has left: clocks of two tabs have nothing else in common. */
      readonly left: number;
    }
  | {
      readonly kind: "in";
      readonly sub: string;
      /** Wall clock, ms: when the session began. */
      readonly at: number;
    }
  | {
      readonly kind: "out";
      readonly sub: string;
      /** Of the session that ended; undefined where the tab did not know it. */
      readonly id: string | undefined;
      /** Every session of this user has ended that was there then (wall clock, ms). */
      readonly all: number | undefined;
      readonly reason: SignedOutReason;
    }
  | { readonly kind: "stale"; readonly sub: string; readonly reason: string };

export interface Tabs {
  /** Never throws. */
  tell(message: TabMessage): void;
  /** One tab at a time. @param work told whether it had to wait for another tab */
  alone<T>(name: string, work: (waited: boolean) => Promise<T>): Promise<T>;
  readonly close: () => void;
}

/**
 * A tab that hangs must not hang the others: the API has one exchange at a time by itself, the
 * lock only saves requests.
 */
const PATIENCE_MS = 10_000;

export function createTabs(
  { openChannel, locks, key }: Core,
  listener: (message: TabMessage) => void,
): Tabs {
  const channel = safely(() => openChannel?.(key));
  if (channel) {
    channel.onmessage = ({ data }) => {
      listener(data as TabMessage);
    };
  }
  return {
    // A closed one throws, and what it tells is a courtesy.
    tell: (message) => safely(() => channel?.postMessage(message)),
    alone: (what, work) => queued(locks, `${key} ${what}`, work),
    close: () => safely(() => channel?.close()),
  };
}

async function queued<T>(
  locks: Core["locks"],
  name: string,
  work: (waited: boolean) => Promise<T>,
): Promise<T> {
  let begun: Promise<T> | undefined;
  const begin = (waited: boolean) => (begun ??= work(waited));
  try {
    await locks?.request(name, { ifAvailable: true }, async (lock) => lock && (await begin(false)));
    if (begun === undefined) {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      await locks?.request(name, { signal }, () => begin(true));
    }
  } catch {
    // Of the work itself: thrown below. No lock (no patience left, a page that may have none) is
    // no reason not to work.
  }
  return await begin(false);
}
