/** A program of somebody else, as a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Answers 200 once it is up. */
  readonly healthUrl: string;
}

export interface Running {
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Lets it end by itself: what it has stored is complete. */
  stop(): Promise<void>;
}

/** A program that may crash, and come up again. */
export interface Life {
  /** The process ends as in a crash; what it has stored on disk stays. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function live(start: () => Promise<Running>): Promise<Life> {
  let running = await start();
  const kill = async () => {
    await running.kill();
  };
  return {
    kill,
    restart: async () => {
      running = await start();
    },
    close: kill,
  };
}

/** Keycloak's start takes minutes beside other work. */
const PATIENCE_MS = 300_000;
const MAX_PRINTED = 4_000;
/**
 * Ends all that the program has started when it ends itself, or when standard input ends: when it
 * is told to, or when the test's own process has died. It outlives a SIGTERM to the group.
 */
const KEEPER = `trap : TERM
(trap : TERM; "$@" </dev/null; kill -9 0) &
until cat >/dev/null; do :; done
kill -9 0`;

/** @throws Error with what the program has printed, where it does not come up */
export async function run(program: Program, patienceMs = PATIENCE_MS): Promise<Running> {
  const { command, args, environment, healthUrl } = program;
  const child = spawn("bash", ["-c", KEEPER, "keeper", command, ...args], {
    // A group of its own, which the keeper ends.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString("utf8")).slice(-MAX_PRINTED);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = once(child, "close");
  const kill = async () => {
    child.stdin.destroy();
    await ended;
  };
  const stop = async () => {
    process.kill(-child.pid!, "SIGTERM");
    await ended;
  };
  const end = Date.now() + patienceMs;
  while (!(await answers(healthUrl, end))) {
    if (Date.now() > end || child.signalCode !== null) {
      await kill();
      throw new Error(`${command} does not answer at ${healthUrl}\n${printed}`);
    }
    await sleep(200);
  }
  return { kill, stop };
}

/** @param end epoch milliseconds */
async function answers(url: string, end: number): Promise<boolean> {
  const signal = AbortSignal.timeout(Math.max(1, end - Date.now()));
  return await fetch(url, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}
