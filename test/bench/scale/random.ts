/** Random numbers that a seed decides. */
import { seeded } from "../../support/seeded";

/** A stream of its own for each name, so that one more draw here moves nothing there. */
export function streamOf(seed: number, name: number): () => number {
  return seeded(Math.imul(seed ^ 0x9e3779b9, name * 2 + 1) ^ (name * 0x85ebca6b));
}
