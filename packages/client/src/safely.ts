/** For optional browser features: one that is missing or throws gives undefined. */

export function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The same for asynchronous work; the synchronous part runs at once. */
export async function eventually<T>(work: () => T): Promise<Awaited<T> | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
