/** Programs as a person starts them: each in a terminal of its own, until all are closed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CHROMIUM } from "./chromium";

/** `test`, where programs can be installed and looked at; else it says loudly that it was not. */
export function withRegistry(title: string): jest.It {
  if (existsSync(CHROMIUM) && spawnSync("npm", ["ping"], { timeout: 30_000 }).status === 0) {
    return test;
  }
  process.stderr.write(`\n!! SKIPPED: "${title}" needs Chromium and the npm registry\n\n`);
  return test.skip;
}

export interface Terminals {
  /** @returns waits until it is ready, and fails where it has ended instead */
  begin(
    command: string,
    args: readonly string[],
    cwd: string,
    env: NodeJS.ProcessEnv,
  ): (isReady: () => boolean | Promise<boolean>) => Promise<void>;
  closeAll(): void;
}

export function createTerminals(): Terminals {
  const children: ChildProcess[] = [];
  return {
    begin: (command, args, cwd, env) => {
      const child = spawn(command, args, {
        cwd,
        env: { ...process.env, ...env },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      children.push(child);
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          said += chunk.toString("utf8");
        });
      }
      return async (isReady) => {
        while (!(await isReady())) {
          if (child.exitCode !== null) {
            throw new Error(`${command} ${args.join(" ")} has ended:\n${said}`);
          }
          await sleep(100);
        }
      };
    },
    closeAll: () => {
      for (const { pid, exitCode } of children) {
        if (pid !== undefined && exitCode === null) {
          // The whole group: npm starts others.
          process.kill(-pid, "SIGKILL");
        }
      }
    },
  };
}

export async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
