/** One piece of work for all who ask for the same while it is under way. */

export type Share = <T>(keys: readonly unknown[], begin: () => Promise<T>) => Promise<T>;

/** Work is the same if its keys are; as the first one, a number that is higher will do, too. */
export function createShare(): Share {
  let old: readonly unknown[];
  let work: Promise<unknown> | undefined;
  return <T>(keys: readonly unknown[], begin: () => Promise<T>) => {
    const isSame = (key: unknown, at: number) =>
      key === old[at] || (!at && (key as number) < (old[0] as number));
    if (!work || !keys.every(isSame)) {
      const begun = begin().finally(() => {
        work = work === begun ? undefined : work;
      });
      work = begun;
      old = keys;
    }
    return work as Promise<T>;
  };
}
