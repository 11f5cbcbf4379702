/** Where and when something was measured. */
import { availableParallelism, cpus } from "node:os";

export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cpus: number;
}

export function machine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cpus: availableParallelism(),
  };
}
