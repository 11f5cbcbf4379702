/**
 * The client waits by the global `setTimeout`, and limits its requests by `AbortSignal.timeout`.
 * While a simulation runs, both follow the virtual clock.
 */
import type { VirtualClock } from "./virtual-clock";

export async function withVirtualGlobals<T>(
  clock: VirtualClock,
  work: () => Promise<T>,
): Promise<T> {
  const { setTimeout: realSetTimeout } = globalThis;
  const realTimeout = AbortSignal.timeout.bind(AbortSignal);
  // No answer takes the client's 20 s: the functions end sooner (lib/function-timeouts.ts).
  const never = new AbortController().signal;
  const virtual = (act: () => void, milliseconds = 0) => {
    clock.at(clock.now() + milliseconds, act);
    return 1;
  };
  globalThis.setTimeout = virtual as unknown as typeof realSetTimeout;
  AbortSignal.timeout = () => never;
  try {
    return await work();
  } finally {
    globalThis.setTimeout = realSetTimeout;
    AbortSignal.timeout = realTimeout;
  }
}
