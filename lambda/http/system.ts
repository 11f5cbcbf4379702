/** Time and chance as the process has them. */
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Random, Timer } from "../ports";

const FRACTIONS = 2 ** 32;

export const systemClock: Clock = { now: () => Date.now() };

export const systemTimer: Timer = {
  sleep: async (milliseconds) => {
    await sleep(milliseconds);
  },
};

export const systemRandom: Random = {
  id: () => randomUUID(),
  fraction: () => randomInt(FRACTIONS) / FRACTIONS,
};
