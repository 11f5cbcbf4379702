/** The provider on loopback: what is in front of oidc-provider, and what it is asked besides. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { allowPages } from "@rollup-vault/local-rollup-id/cors";
import { closeServer, listen } from "@rollup-vault/local-rollup-id/listen";
import { observe, type ObservedRequest } from "@rollup-vault/local-rollup-id/observe";
import { createStore } from "./adapter";
import { createFaults, type Faults } from "./faults";
import type { Habits } from "./habits";
import { openMemory } from "./memory";
import { createProvider, INTERACTION, makeKey } from "./provider";
import { createShaper, type Shaper } from "./shape";
import { signIn, type SignInWorld } from "./sign-in";

export interface ServeOptions {
  readonly habits: Habits;
  /** 0: the port that the data folder used last, or any free one. */
  readonly port: number;
  /** Absent: everything is forgotten at the end. */
  readonly dataFolder?: string | undefined;
  readonly redirectUris: readonly string[];
  /** Told of every request but those of testers, when it begins and when it is over. */
  readonly onRequest: (request: ObservedRequest) => void;
}

export interface Served {
  readonly origin: string;
  readonly clientId: string;
  readonly clientSecret: string;
  close(): Promise<void>;
}

interface World extends SignInWorld {
  readonly host: string;
  readonly faults: Faults;
  readonly shaper: Shaper;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

const DISCOVERY = "/.well-known/openid-configuration";
const FAULTS = "/faults";

/** @throws Error with the system's code, e.g. `EADDRINUSE` */
export async function serve(options: ServeOptions): Promise<Served> {
  const { habits, redirectUris } = options;
  const memory = openMemory(options.dataFolder);
  const server = createServer();
  // A connection that outlives a restart on the same port would fail its next request.
  server.maxRequestsPerSocket = 1;
  const port = await listen(server, options.port, memory.get().port);
  const key = memory.get().key ?? makeKey(habits.idToken.alg);
  memory.change({ port, key });
  const host = `127.0.0.1:${String(port)}`;
  const origin = `http://${host}`;
  const { graceSeconds } = habits.refreshToken;
  const store = createStore({ memory, graceSeconds, now: Date.now });
  const faults = createFaults(() => {
    store.revokeAll();
  });
  const shaper = createShaper({ habits, key });
  const issuer = `${origin}${habits.issuerPath}`;
  const parts = { habits, memory, store, faults, shaper, issuer, redirectUris };
  const provider = createProvider(parts);
  const world: World = { ...parts, provider, host, handle: provider.callback() };
  server.on("request", (request, response) => {
    const seen: ObservedRequest[] = [];
    observe((observed) => seen.push(observed), request, response);
    seen.forEach(options.onRequest);
    // After the observer's own listener, which completes the entry.
    response.once("close", () => {
      seen.forEach(options.onRequest);
    });
    answer(world, request, response).catch(() => {
      response.destroy();
    });
  });
  const { clientId, clientSecret } = memory.get();
  return { origin, clientId, clientSecret, close: () => closeServer(server) };
}

async function answer(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { faults, redirectUris, host } = world;
  const { pathname, search } = new URL(request.url ?? "/", `http://${host}`);
  if (faults.isDown() && pathname !== FAULTS) {
    request.socket.destroy();
    return;
  }
  // A foreign domain name may resolve to this machine (DNS rebinding).
  if (request.headers.host !== host) {
    response.writeHead(421).end();
    return;
  }
  if (pathname === FAULTS) {
    if (allowPages(redirectUris, pathname, request, response) === "go on") {
      await faults.serve(request, response);
    }
    return;
  }
  if (pathname.startsWith(`${INTERACTION}/`)) {
    await signIn(world, request, response);
    return;
  }
  await prepare(world, request, pathname, search);
  await world.handle(request, response);
}

/** oidc-provider has one place for its document, no JWT for userinfo, and OpenID's `prompt`. */
async function prepare(
  { habits, shaper }: World,
  request: IncomingMessage,
  pathname: string,
  search: string,
): Promise<void> {
  if (pathname === `${habits.issuerPath.replace(/\/$/, "")}${DISCOVERY}`) {
    request.url = DISCOVERY;
  }
  if (pathname === habits.authorization) {
    request.url = `${pathname}${withConsent(search)}`;
  }
  const [, bearer] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (pathname === habits.userinfo && bearer !== undefined) {
    request.headers.authorization = `Bearer ${await shaper.unwrapped(bearer)}`;
  }
}

/** OpenID Connect Core 11 drops `offline_access` without it; those that are played don't. */
function withConsent(search: string): string {
  const query = new URLSearchParams(search);
  const prompts = (query.get("prompt") ?? "").split(" ").filter((prompt) => prompt !== "");
  const isNeeded = (query.get("scope") ?? "").split(" ").includes("offline_access");
  if (isNeeded && !prompts.includes("consent") && !prompts.includes("none")) {
    query.set("prompt", [...prompts, "consent"].join(" "));
  }
  return `?${query.toString()}`;
}
