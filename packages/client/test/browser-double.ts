/**
 * Tabs of one browser without a browser: channels, locks and storage between them, and an API that
 * answers as it is told.
 */
import { accountOf } from "../src/account.js";
import { assemble } from "../src/assemble.js";
import type { Environment } from "../src/environment.js";
import { createFetch } from "../src/fetch.js";
import type { VaultClient, VaultClientOptions } from "../src/types.js";
import { createChannels, createLocks, createPage, mapStorage } from "./facilities-double.js";

export { fullStorage, mapStorage } from "./facilities-double.js";

export interface Sent {
  readonly tab: number;
  readonly route: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly init: RequestInit;
}

type Responder = (sent: Sent) => Response | Promise<Response>;

const API = "https://api.example";
export const PAGE = "https://app.example/";

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });

export const problem = (status: number, body: Record<string, unknown>, seconds?: number) =>
  json(
    { detail: "Why.", instance: "request-1", ...body, ...(seconds && { retry_after: seconds }) },
    status,
    { "content-type": "application/problem+json" },
  );

export const unauthorized = () => problem(401, { code: "invalid_token", action: "sign_in" });
export const unavailable = (seconds: number) =>
  problem(503, { code: "temporarily_unavailable", action: "retry" }, seconds);

export function userOf(name: string) {
  return { sub: `urn:${name}`, claims: { name }, attributes: {}, version: 1 };
}

/** A request that stays open until the test has an answer for it. */
export function held() {
  const { promise, resolve } = withResolvers<Response>();
  return { respond: () => promise, release: resolve };
}

function withResolvers<T>() {
  let resolve: ((value: T) => void) | undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (value: T) => resolve?.(value) };
}

/** With all entries of the package, as one object. */
export function withEntries(client: VaultClient, origins: readonly string[] = []) {
  return Object.assign(client, accountOf(client), { fetch: createFetch(client, origins) });
}

let tokens = 0;

export function accessToken(seconds = 3_600) {
  tokens += 1;
  const expires_at = new Date(Date.now() + seconds * 1000).toISOString();
  return {
    access_token: `access-${String(tokens)}`,
    token_type: "Bearer",
    scope: null,
    expires_in: seconds,
    expires_at,
  };
}

let opened = 0;

export function signedIn(name: string, isCookie = false) {
  opened += 1;
  const id = `session-${String(opened)}`;
  const token = isCookie ? null : `rvs_${id}`;
  const connection = { connected: true, scopes: ["openid"], reason: null, ask_for: null };
  return { session: { id, token }, user: userOf(name), connection };
}

export function createBrowser(routes: Record<string, Responder> = {}) {
  const openChannel = createChannels();
  const locks = createLocks();
  const sent: Sent[] = [];
  const time = { wall: 0, steady: 0 };
  let tabs = 0;

  function open(
    {
      origins = [],
      ...options
    }: Partial<VaultClientOptions> & { origins?: readonly string[] } = {},
    storage: Storage = mapStorage(),
    more: Partial<Environment> = {},
  ) {
    tabs += 1;
    const tab = tabs;
    const page = createPage(PAGE);
    const restored: (() => void)[] = [];
    const written: (() => void)[] = [];
    const environment: Environment = {
      openChannel,
      locks,
      storage,
      chance: () => 0,
      page: page as unknown as NonNullable<Environment["page"]>,
      clocks: () => [Date.now() + time.wall, performance.now() + time.steady],
      onRestored: (listener, changed) => {
        restored.push(listener);
        written.push(changed);
      },
      fetch: async (input, init) => await answer(tab, new Request(input, init), init ?? {}),
      ...more,
    };
    const provider = { clientId: "client", redirectUri: `${PAGE}callback` };
    const own = assemble({ apiUrl: `${API}/`, provider, ...options }, environment);
    const client = withEntries(own, origins);
    return {
      client,
      storage,
      page,
      restore: () => {
        restored.forEach((each) => {
          each();
        });
      },
      /** As a browser tells of what another tab has written. */
      tellOfWriting: () => {
        written.forEach((each) => {
          each();
        });
      },
    };
  }

  async function answer(tab: number, request: Request, init: RequestInit): Promise<Response> {
    request.signal.throwIfAborted();
    const { origin, pathname, search } = new URL(request.url);
    const path = origin === API ? pathname + search : request.url;
    const text = await request.text();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const route = `${request.method} ${path}`;
    const { headers } = request;
    const all = { tab, route, headers, body, init: { redirect: request.redirect, ...init } };
    sent.push(all);
    const responder = routes[route];
    return responder === undefined ? json({}, 404) : await responder(all);
  }

  return {
    open,
    sent,
    routes,
    time,
    requests: (route: string) => sent.filter((each) => each.route === route),
  };
}

export type Browser = ReturnType<typeof createBrowser>;
export type Tab = ReturnType<Browser["open"]>;

/** By the whole way: to the provider and back. */
export async function signIn(browser: Browser, tab: Tab, name: string, isCookie = false) {
  browser.routes["POST /sessions"] = () => json(signedIn(name, isCookie), 201);
  await tab.client.signIn();
  const state = new URL(tab.page.location.href).searchParams.get("state") ?? "";
  tab.page.location.href = `${PAGE}callback?code=0xc0de&state=${state}`;
  return await tab.client.completeSignIn();
}

/** Until messages between tabs have arrived. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
