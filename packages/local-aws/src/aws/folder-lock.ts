/** One local run per data folder: two would overwrite each other's keys. */
import { createHash } from "node:crypto";
import { mkdirSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Held by a listening socket, which the kernel closes however the process ends: there is no stale
 * lock to clear up by hand.
 * The socket is not in the folder itself, because its path must be short.
 * @returns what releases it
 * @throws Error where another process holds the folder
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const id = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 16);
  const path = join(tmpdir(), `rollup-vault-${id}.lock`);
  if (await answers(path)) {
    throw new Error(`another local run is using the data folder ${folder}; end it first`);
  }
  rmSync(path, { force: true });
  const server = await listen(path);
  return async () => {
    await new Promise((resolve) => server.close(resolve));
  };
}

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(path, resolve);
  });
  return server;
}

async function answers(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
