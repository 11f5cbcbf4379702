/** A server on loopback, at the port that it had before where it can. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

interface WantedPort {
  readonly port: number;
  /** Whether another will do if this one is taken. */
  readonly orAnyOther: boolean;
}

/**
 * @param wanted 0: any free one, and rather the `former` one, so that the issuer survives restarts
 * @param former 0: none
 * @throws Error with the system's code, e.g. `EADDRINUSE`
 */
export async function listen(server: Server, wanted: number, former: number): Promise<number> {
  return wanted === 0
    ? await listenAt(server, { port: former, orAnyOther: true })
    : await listenAt(server, { port: wanted, orAnyOther: false });
}

async function listenAt(server: Server, { port, orAnyOther }: WantedPort): Promise<number> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  try {
    await listening;
  } catch (error) {
    if (orAnyOther && port !== 0) {
      return await listenAt(server, { port: 0, orAnyOther: false });
    }
    throw error;
  }
  return (server.address() as AddressInfo).port;
}

export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
