/** Starts the provider's process, and ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ObservedRequest } from "@rollup-vault/local-rollup-id/observe";
import type { Habits } from "./habits";
import type { Told } from "./told";

export interface LocalOidcOptions {
  readonly habits: Habits;
  /** 0: the port that the data folder used last, or any free one. */
  readonly port: number;
  /** Absent: everything is forgotten at the end. */
  readonly dataFolder?: string;
  readonly redirectUris: readonly string[];
  /** Told of every request but those of testers; the entry is completed when the request is. */
  readonly onRequest?: (request: ObservedRequest) => void;
}

export interface LocalOidc {
  readonly issuer: string;
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  /** Where `POST /faults` is. */
  readonly origin: string;
  close(): Promise<void>;
}

const MAIN = join(__dirname, "main.ts");
const TSX = pathToFileURL(require.resolve("tsx")).href;
/** Characters of its error output that are kept for the message of a failed start. */
const MAX_ERRORS = 4_000;

/** @throws Error with the system's code where there is one, e.g. `EADDRINUSE` */
export async function startLocalOidc(options: LocalOidcOptions): Promise<LocalOidc> {
  const { onRequest, ...rest } = options;
  // Silences its warning about a Node version that is no longer maintained.
  const child = spawn(process.execPath, ["--no-warnings", "--import", TSX, MAIN], {
    // oidc-provider prints advice for public servers.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  child.send(rest);
  const stop = async () => {
    const isOver = child.exitCode !== null || child.signalCode !== null;
    child.kill("SIGKILL");
    await (isOver ? undefined : once(child, "close"));
  };
  try {
    const { origin, clientId, clientSecret } = await ready(child, createObserver(onRequest));
    const issuer = `${origin}${options.habits.issuerPath}`;
    const secret = options.habits.clientAuthentication === "none" ? "" : clientSecret;
    return { issuer, clientId, clientSecret: secret, origin, close: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Observer = (told: Told & { kind: "request" }) => void;

function createObserver(onRequest: LocalOidcOptions["onRequest"]): Observer {
  const running = new Map<number, ObservedRequest>();
  return ({ number, request }) => {
    const known = running.get(number);
    if (known === undefined) {
      running.set(number, request);
      onRequest?.(request);
    } else {
      Object.assign(known, request);
      running.delete(number);
    }
  };
}

async function ready(child: ChildProcess, observe: Observer): Promise<Told & { kind: "ready" }> {
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString("utf8")).slice(-MAX_ERRORS);
  });
  return await new Promise((resolve, reject) => {
    child.on("message", (told: Told) => {
      if (told.kind === "request") {
        observe(told);
      } else if (told.kind === "ready") {
        resolve(told);
      } else {
        reject(Object.assign(new Error(told.message), { code: told.code }));
      }
    });
    child.once("error", reject);
    child.once("close", () => {
      reject(new Error(`the local provider did not start\n${errors}`));
    });
  });
}
