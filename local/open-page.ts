/** Opens an address in the person's browser, if there is one. */
import { spawn } from "node:child_process";

/** How a program is started that goes on without us. */
export interface System {
  readonly platform: NodeJS.Platform;
  /** @returns whether it could be started */
  start(command: string, args: readonly string[]): Promise<boolean>;
}

/** What the system offers for it; xdg-open honours the variable BROWSER. */
const COMMANDS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** @returns whether something was started for it */
export async function openInBrowser(url: string, system: System = THIS_SYSTEM): Promise<boolean> {
  const [command, ...args] = COMMANDS[system.platform] ?? ["xdg-open"];
  return await system.start(command, [...args, url]);
}

const THIS_SYSTEM: System = {
  platform: process.platform,
  start: async (command, args) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true });
    return await new Promise((resolve) => {
      child.once("error", () => {
        resolve(false);
      });
      child.once("spawn", () => {
        child.unref();
        resolve(true);
      });
    });
  },
};
