/** `index.js` of a function whose stage has `codeCache`. */
import { readVariable } from "../env";
import { systemClock } from "../platform/clock";
import { createLogger } from "../platform/logger";
import { loadBundle } from "./load";

const { exports, unused } = loadBundle(__dirname);

if (unused !== undefined) {
  const namespace = readVariable("METRICS_NAMESPACE");
  createLogger({ clock: systemClock, namespace }).warn("code_cache_unused", {
    reason: unused,
    cause: process.version,
    setting: "codeCache",
  });
}

export const { handler } = exports;
