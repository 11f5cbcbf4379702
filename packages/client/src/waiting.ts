/** Waiting that a signal can end. */
import { safely } from "./safely.js";

/** @throws the signal's reason; if the signal is aborted already, without any work */
export function abortable<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", stop);
    work()
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener("abort", stop));
  });
}

export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const over = () =>
    new Promise<void>((resolve) => {
      // Without timers it does not wait, which is better than no answer.
      if (!safely(() => setTimeout(resolve, milliseconds))) {
        resolve();
      }
    });
  return abortable(over, signal);
}
