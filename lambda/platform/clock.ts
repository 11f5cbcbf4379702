/** The system's clock, and waiting by it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Timer } from "../ports/runtime";

export const systemClock: Clock = { now: () => Date.now() };

export const systemTimer: Timer = {
  sleep: async (milliseconds) => {
    await sleep(milliseconds);
  },
};
