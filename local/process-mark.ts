/** Names a process so that a later one with the same number is not taken for it. */
import { readFileSync } from "node:fs";
import { hasCode } from "./local-run-error";

export interface ProcessMark {
  readonly pid: number;
  /** Where the system says it. */
  readonly startedAt?: string | undefined;
}

export function ownMark(): ProcessMark {
  return { pid: process.pid, startedAt: startOf(process.pid) };
}

export function isAlive({ pid, startedAt }: ProcessMark): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  return startedAt === undefined || startOf(pid) === startedAt;
}

/** Linux only: the start time in clock ticks since boot, field 22 of `/proc/PID/stat`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
