/**
 * People as agents: each visit opens a page with a client of its own, the real one
 * (packages/client), and asks for an access token at every load. Where the client gives up, the
 * page shows the error and asks again, as the demo's page does.
 */
import { join } from "node:path";
import type { EpochMs } from "../../../lambda/model";
import type { Answer, Gateway } from "./gateway";
import type { Meter } from "./meter";
import type { VirtualClock } from "./virtual-clock";

/** As far as it is used here; the package is compiled for browsers, so it is loaded by its path. */
interface ClientModule {
  assemble(options: object, host: object): Client;
}

interface Client {
  accessToken(): Promise<{ readonly access_token: string }>;
  signInWithIdToken(tokens: object): Promise<unknown>;
}

/** Of a VaultError. */
interface Failure {
  readonly retryable?: boolean;
  /** Seconds. */
  readonly retryAfter?: number;
}

export interface Agent {
  readonly sub: string;
  readonly random: () => number;
  /** Its tab's storage: the session. */
  stored: string | null;
  isAsking: boolean;
}

export interface People {
  /** A page is loaded. */
  load(agent: Agent): void;
  signIn(agent: Agent): Promise<boolean>;
}

/** A page that could not get a token tries again, not sooner than this. */
const AGAIN_SECONDS = 15;
/** After this time a person leaves. */
const PATIENCE_MS = 10 * 60_000;

const CLIENT = join(__dirname, "../../../packages/client/src/assemble.ts");

export async function loadClient(): Promise<ClientModule> {
  return (await import(CLIENT)) as ClientModule;
}

export interface PeopleOptions {
  readonly client: ClientModule;
  readonly clock: VirtualClock;
  readonly gateway: Gateway;
  readonly meter: Meter;
}

export function createPeople({ client, clock, gateway, meter }: PeopleOptions): People {
  let without = 0;

  function page(agent: Agent): Client {
    const storage = {
      getItem: () => agent.stored,
      setItem: (_key: string, value: string) => {
        agent.stored = value;
      },
      removeItem: () => {
        agent.stored = null;
      },
    };
    const host = {
      fetch: createFetch(gateway, agent),
      clocks: () => [clock.now(), clock.now()] as const,
      chance: agent.random,
    };
    return client.assemble({ apiUrl: "https://api.example", storage, tabs: false }, host);
  }

  /** @returns whether it has a token in the end */
  async function ask(agent: Agent): Promise<boolean> {
    const leavesAt: EpochMs = clock.now() + PATIENCE_MS;
    for (let attempts = 0; ; attempts += 1) {
      const outcome = await page(agent)
        .accessToken()
        .then(() => undefined, toFailure);
      if (outcome === undefined) {
        change(attempts === 0 ? 0 : -1);
        return true;
      }
      change(attempts === 0 ? 1 : 0);
      const seconds = Math.max(AGAIN_SECONDS, outcome.retryAfter ?? 0) * (1 + agent.random() / 2);
      if (outcome.retryable !== true || clock.now() + seconds * 1000 > leavesAt) {
        change(-1);
        meter.count("gaveUp");
        return false;
      }
      await clock.sleep(seconds * 1000);
    }
  }

  function change(by: number): void {
    without += by;
    if (by !== 0) {
      meter.level("without", without);
    }
  }

  return {
    load: (agent) => {
      if (agent.isAsking) {
        return;
      }
      agent.isAsking = true;
      void ask(agent).then(() => {
        agent.isAsking = false;
      });
    },
    signIn: async (agent) =>
      await page(agent)
        .signInWithIdToken({ idToken: "id-token", refreshToken: "refresh-token" })
        .then(
          () => true,
          (error: unknown) => {
            toFailure(error);
            return false;
          },
        ),
  };
}

/** @throws what is no error of the client: a bug of the simulation */
function toFailure(error: unknown): Failure {
  if (!(error instanceof Error) || error.name !== "VaultError") {
    throw error;
  }
  const { cause } = error;
  if (cause instanceof Error) {
    throw cause;
  }
  return error as Failure;
}

function createFetch(gateway: Gateway, { sub }: Agent) {
  return async (url: string, { body }: { readonly body?: string }) => {
    const isToken = url.endsWith("/me/access-token");
    const { min_validity: seconds = 60 } = JSON.parse(body ?? "{}") as { min_validity?: number };
    return toResponse(await (isToken ? gateway.accessToken(sub, seconds) : gateway.signIn(sub)));
  };
}

/** What the client uses of a `Response`. */
function toResponse({ status, headers, body }: Answer) {
  return {
    ok: status < 300,
    status,
    headers: { get: (name: string) => headers[name] ?? null },
    json: () => Promise.resolve(body),
  };
}
