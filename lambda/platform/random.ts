/** Random numbers and ids from `node:crypto`. */
import { randomInt, randomUUID } from "node:crypto";
import type { Random } from "../ports/runtime";

const FRACTIONS = 2 ** 32;

export const systemRandom: Random = {
  id: () => randomUUID(),
  fraction: () => randomInt(FRACTIONS) / FRACTIONS,
};
