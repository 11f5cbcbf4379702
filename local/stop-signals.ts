/** Every way in which a run is told to end, as one abort signal. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const PARENT_POLL_MS = 500;

/** A terminal and npm may both deliver a signal: the second one means no more than the first. */
export function stopSignal(onBug: (error: unknown) => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      controller.abort();
    });
  }
  process.on("uncaughtException", (error) => {
    onBug(error);
    controller.abort();
  });
  if (process.env["npm_lifecycle_event"] !== undefined) {
    abortWithoutParent(controller);
  }
  return controller.signal;
}

/**
 * npm passes signals on, but not when it is killed itself: the run would go on unattended.
 */
function abortWithoutParent(controller: AbortController): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(timer);
      controller.abort();
    }
  }, PARENT_POLL_MS);
  timer.unref();
}
