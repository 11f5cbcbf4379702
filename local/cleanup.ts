interface Closable {
  close(): Promise<void>;
}

/** Closes what was opened, in reverse order; one close that fails does not stop the others. */
export interface Cleanup {
  /** @returns the part itself */
  add<T extends Closable>(part: T): T;
  /** Idempotent. @throws the first error, after everything was tried */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const parts: Closable[] = [];
  let running: Promise<void> | undefined;
  const runAll = async () => {
    const errors: unknown[] = [];
    for (const part of parts.toReversed()) {
      await part.close().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) {
      throw errors[0];
    }
  };
  return {
    add: (part) => {
      parts.push(part);
      return part;
    },
    run: () => (running ??= runAll()),
  };
}
