/**
 * The DynamoDB-compatible engines: dynalite in this process (portable), dynoxide as a child
 * process (one binary).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import dynalite from "dynalite";
import { Level } from "level";
import { DamagedData } from "./damaged-data";
import { closeServer } from "./front-door";

export type EngineName = "dynalite" | "dynoxide";

export interface Engine {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** @param folder for the engine's files; undefined: in memory. */
export async function startEngine(name: EngineName, folder: string | undefined): Promise<Engine> {
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  return await (name === "dynalite" ? startDynalite(folder) : startDynoxide(folder));
}

async function startDynalite(folder: string | undefined): Promise<Engine> {
  const path = folder && join(folder, "dynalite");
  if (path !== undefined) {
    await assertReadable(path);
  }
  const server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(path !== undefined && { path }),
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      await closeServer(server);
    },
  };
}

/** Not for its data's sake: another process holds it, or the system refuses. */
const NOT_DAMAGE = /LEVEL_LOCKED|Permission denied|Read-only file system|No space left/;

/**
 * dynalite opens its LevelDB unasked and in the background, and what is wrong with it ends the
 * process: so it is opened here first.
 */
async function assertReadable(path: string): Promise<void> {
  const database = new Level(path);
  try {
    await database.open();
  } catch (error) {
    const { cause } = error as Error;
    const { code, message } = (cause ?? error) as NodeJS.ErrnoException;
    throw NOT_DAMAGE.test(`${String(code)} ${message}`) ? error : new DamagedData(path, cause);
  }
  await database.close();
}

/**
 * The engine ends with this process however that ends: a reader of the pipe that only this process
 * holds open kills it once the pipe breaks.
 */
const TIED_TO_PARENT = 'exec 3<&0; (read -r _ <&3; kill -9 $$) & exec "$@" 3<&- </dev/null';

async function startDynoxide(folder: string | undefined): Promise<Engine> {
  const binary = require.resolve("@dynoxide/linux-x64/dynoxide");
  const port = await freePort();
  const file = folder === undefined ? [] : ["--db-path", join(folder, "dynoxide.sqlite")];
  const command = [binary, "serve", "--host", "127.0.0.1", "--port", String(port), ...file];
  const child = spawn("/bin/sh", ["-c", TIED_TO_PARENT, "sh", ...command], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  // At once, so that the reader ends with the engine and never lives to kill another process of
  // that id.
  child.once("exit", () => {
    child.stdin.destroy();
  });
  await untilListening(port, child);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      await end(child);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
  }
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await canConnect(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await end(child);
      throw new Error("dynoxide did not start; does another process use the same data folder?");
    }
    await sleep(5);
  }
}

async function canConnect(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (connected: boolean): void => {
      socket.destroy();
      resolve(connected);
    };
    socket.once("connect", () => {
      settle(true);
    });
    socket.once("error", () => {
      settle(false);
    });
  });
}

/** dynoxide does not say which port it got for 0. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
