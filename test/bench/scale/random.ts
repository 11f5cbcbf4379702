/** Random numbers that a seed decides. */

/** [0, 1); mulberry32, by Tommy Ettinger. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A stream of its own for each name, so that one more draw here moves nothing there. */
export function streamOf(seed: number, name: number): () => number {
  return seeded(Math.imul(seed ^ 0x9e3779b9, name * 2 + 1) ^ (name * 0x85ebca6b));
}
