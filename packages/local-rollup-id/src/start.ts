/**
 * A Rollup ID on this machine with the habits of the real one: ES256 keys, one shape for all kinds
 * of tokens, no `expires_in`, refresh tokens without expiry, its own error format.
 * `POST /faults` says what goes wrong, `GET /ledger` what was processed.
 */
import { createServer, type Server } from "node:http";
import { DEFAULT_FAULT_CONFIG, type FaultConfig } from "./fault-config";
import { createLedger } from "./ledger";
import { closeServer, listen } from "./listen";
import { observe, type ObservedRequest } from "./observe";
import { type Memory, openMemory } from "./provider-memory";
import { type Provider, serve } from "./routes";
import { addKey } from "./signing-keys";

export interface RollupIdOptions {
  /**
   * 0: the port that the data folder used last, or any free one; so the issuer survives restarts.
   */
  readonly port: number;
  /** Absent: everything is forgotten at the end. */
  readonly dataFolder?: string;
  readonly redirectUris: readonly string[];
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  /** Told of every request but those of testers; the entry is completed when the request is. */
  readonly onRequest?: (request: ObservedRequest) => void;
}

export interface RollupId {
  readonly issuer: string;
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  close(): Promise<void>;
}

export async function startRollupId(options: RollupIdOptions): Promise<RollupId> {
  const memory = openMemory(options.dataFolder);
  const server = createServer();
  // A connection that outlives a restart on the same port would fail its next request.
  server.maxRequestsPerSocket = 1;
  const port = await listen(server, options.port, memory.get().port);
  const stop = async () => {
    await closeServer(server);
  };
  try {
    await open(server, createProvider(memory, port, options), options.onRequest);
  } catch (error) {
    await stop();
    throw error;
  }
  const { clientId, clientSecret } = memory.get();
  const issuer = `http://127.0.0.1:${String(port)}`;
  return { issuer, port, clientId, clientSecret, close: stop };
}

/** @throws Error where the data folder cannot be written */
async function open(
  server: Server,
  provider: Provider,
  onRequest: RollupIdOptions["onRequest"],
): Promise<void> {
  const { memory, port, now } = provider;
  memory.change(() => ({ port }));
  if (memory.get().keys.length === 0) {
    await addKey(memory, now());
  }
  server.on("request", (request, response) => {
    observe(onRequest, request, response);
    serve(provider, request, response).catch(() => {
      response.destroy();
    });
  });
}

function createProvider(
  memory: Memory,
  port: number,
  { redirectUris, clock: now = Date.now }: RollupIdOptions,
): Provider {
  let faultConfig: FaultConfig = DEFAULT_FAULT_CONFIG;
  return {
    memory,
    port,
    redirectUris,
    now,
    ledger: createLedger(),
    codes: new Map(),
    faultConfig: () => faultConfig,
    setFaultConfig: (next) => {
      faultConfig = next;
    },
  };
}
