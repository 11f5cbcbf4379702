/** Waiting that can be called off. */

/** @throws the signal's reason */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => {
      reject(signal?.reason as Error);
    };
    const done = () => signal?.removeEventListener("abort", stop);
    if (signal?.aborted) {
      stop();
    }
    signal?.addEventListener("abort", stop);
    work.then(resolve, reject).finally(done);
  });
}

export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const over = new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });
  return abortable(over, signal);
}
