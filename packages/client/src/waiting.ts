/** Waiting that can be called off. */
import { safely } from "./safely.js";

/** @throws the signal's reason: at once and without any work, where it has been given already */
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
      // Without timers there is no waiting, which is better than no answer.
      if (!safely(() => setTimeout(resolve, milliseconds))) {
        resolve();
      }
    });
  return abortable(over, signal);
}
