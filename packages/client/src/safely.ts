/** Whatever a browser has may be missing, or throw: what is only a help is then done without. */

export function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The same for what may take its time. What is done at once is done at once. */
export async function eventually<T>(work: () => T): Promise<Awaited<T> | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
