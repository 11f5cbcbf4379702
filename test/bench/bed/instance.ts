/** Warm instances: processes that the bench sends events to. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Deployed } from "./bed";

export interface Batch {
  readonly events: readonly object[];
  /** @default 1, as Lambda does */
  readonly atOnce?: number;
  readonly wantsBodies?: boolean;
  /**
   * How often a call is repeated that was told when to come back (503 with `Retry-After`).
   * @default 0
   */
  readonly retries?: number;
}

export interface Ran {
  /** Of the process, in all its threads. */
  readonly cpuUs: number;
  /** Milliseconds of each call. */
  readonly walls: readonly number[];
  readonly statuses: Readonly<Record<string, number>>;
  readonly bodies: readonly string[];
  /** What was thrown first, if anything was. */
  readonly error?: string;
  readonly retried: number;
  /** Bytes, when all was done. */
  readonly rss: number;
}

export interface Instance {
  run(batch: Batch): Promise<Ran>;
  close(): Promise<void>;
}

const SCRIPT = join(__dirname, "instance-child.cjs");

export function startInstance(node: string, { folder, environment }: Deployed): Instance {
  const child = fork(SCRIPT, [folder], {
    execPath: node,
    execArgv: [],
    env: environment,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let complained = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complained = (complained + chunk.toString("utf8")).slice(-2_000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code) => {
      reject(new Error(`an instance ended with ${code}: ${complained}`));
    });
  });
  ended.catch(() => undefined);
  return {
    run: async ({ events, atOnce = 1, wantsBodies = false, retries = 0 }) => {
      const answer = nextMessage(child);
      child.send({ events, atOnce, wantsBodies, retries });
      return (await Promise.race([answer, ended])) as Ran;
    },
    close: async () => {
      if (child.exitCode === null && child.connected) {
        child.disconnect();
        await ended.catch(() => undefined);
      }
    },
  };
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  return await new Promise((resolve) => child.once("message", resolve));
}

/** @throws Error where a call was not answered as it should be */
export function assertAll({ statuses, error = "" }: Ran, ...wanted: readonly number[]): void {
  const other = Object.keys(statuses).filter((status) => !wanted.includes(Number(status)));
  if (other.length > 0) {
    throw new Error(`calls were answered with ${JSON.stringify(statuses)} ${error}`);
  }
}
