/** ministack, another local AWS (PyPI, MIT): in a process of its own, on loopback, in memory. */
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Ministack {
  readonly endpoint: string;
  close(): Promise<void>;
}

const START_MS = 60_000;

/**
 * @param name of a package; its versions and hashes are in `<folder>/<name>.txt`
 * @returns path of a Python that has it, installed now if need be; undefined: none here
 */
export function preparedPython(name: string, folder = __dirname): string | undefined {
  const { stdout } = spawnSync(join(__dirname, "prepare.sh"), [name, folder], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  return stdout.trim() || undefined;
}

/** @param services separated by commas; undefined: all of them */
export async function startMinistack(python: string, services?: string): Promise<Ministack> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const child = spawn(python, ["-m", "ministack"], {
    stdio: "ignore",
    env: {
      ...process.env,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: "127.0.0.1",
      ...(services !== undefined && { SERVICES: services }),
    },
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  const deadline = Date.now() + START_MS;
  while (!(await isHealthy(endpoint))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close();
      throw new Error("ministack did not start");
    }
    await sleep(100);
  }
  return { endpoint, close };
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_ministack/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
