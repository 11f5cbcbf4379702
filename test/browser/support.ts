/**
 * The real stack, a real Chromium, and pages of a frontend that the local stage knows and of one
 * that it does not know.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import type {
  CompletedSignIn,
  createVaultClient,
  ProviderOptions,
  SignInOptions,
  VaultClient,
  VaultClientOptions,
} from "rollup-vault-client";
import type { Account, accountOf } from "rollup-vault-client/account";
import type { createFetch } from "rollup-vault-client/fetch";
import { type Stack, startStack } from "../../local/stack";
import { LIMITS_TO_TRY, type StackOptions } from "../../local/stack-options";
import { CHROMIUM } from "./chromium";

/** Without the background services, which knock on doors that a closed network does not have. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Files run side by side, each on ports of its own; of these the local stage knows all. */
const PORTS = [3000, 3001, 4173, 4200, 4321, 8000, 8080];
const worker = Number(process.env["JEST_WORKER_ID"] ?? 1) - 1;

/** A frontend that the local stage knows. */
export const FRONTEND = `http://localhost:${String(PORTS[worker % PORTS.length])}`;
export const FOREIGN = `http://localhost:${String(3990 + worker)}`;

declare global {
  interface Window {
    vault: VaultClient & Account & { readonly fetch: typeof fetch };
    /** Called by the page with what it has loaded. */
    begin: (
      create: typeof createVaultClient,
      more: { accountOf: typeof accountOf; createFetch: typeof createFetch },
    ) => void;
    heard: unknown[];
  }
}

export interface Chrome {
  readonly stack: Stack;
  /** A profile of its own. */
  context(): Promise<BrowserContext>;
  /** A browser of its own on a profile that stays: closing and calling again is a restart. */
  persistent(folder: string): Promise<BrowserContext>;
  /** A tab with a client as `window.vault`, and what it told as `window.heard`. */
  open(context: BrowserContext, options?: TabOptions): Promise<Page>;
  programme(faults: Readonly<Record<string, unknown>>): Promise<void>;
  /** Refresh requests that the provider has processed. */
  exchanges(): Promise<number>;
  close(): Promise<void>;
}

/** By path: media type and body. What has no entry is an empty page with the client. */
export type Files = Readonly<Record<string, readonly [type: string, body: string]>>;

interface TabOptions {
  readonly origin?: string;
  readonly transport?: "bearer" | "cookie";
  readonly apiUrl?: string;
  readonly tabs?: boolean;
  /** Beside what every tab has: for a provider that is not Rollup ID. */
  readonly provider?: Partial<ProviderOptions>;
  readonly storage?: "tab" | "local" | "memory";
}

const PAGE = `<!doctype html><title>A page</title>
<script type="module">
import { createVaultClient } from "/vault-client.js";
import { accountOf } from "/account.js";
import { createFetch } from "/fetch.js";
window.begin?.(createVaultClient, { accountOf, createFetch });
</script>`;

const ROOT = join(__dirname, "..", "..");

export async function startChrome(
  options: Partial<StackOptions> = {},
  /** Read at each request: a test may change it. */
  filesOf: (stack: Stack) => Files | Promise<Files> = () => ({}),
): Promise<Chrome> {
  const stack = await startStack({ port: 0, issuerPort: 0, limits: LIMITS_TO_TRY, ...options });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  const [client, own] = await Promise.all([clientFiles(), filesOf(stack)]);
  const find = (path: string) => own[path] ?? client[path] ?? own["*"] ?? ["text/html", PAGE];
  const servers = await Promise.all([FRONTEND, FOREIGN].map((origin) => serve(origin, find)));
  const { outputs } = stack;
  return {
    stack,
    context: async () => {
      const context = await browser.newContext();
      // A busy machine is no reason to fail.
      context.setDefaultTimeout(90_000);
      return context;
    },
    persistent: async (folder) => {
      const launch = { executablePath: CHROMIUM, args: CHROMIUM_FLAGS };
      const context = await chromium.launchPersistentContext(folder, launch);
      context.setDefaultTimeout(90_000);
      return context;
    },
    open: async (context, { origin = FRONTEND, provider, ...rest } = {}) => {
      const page = await context.newPage();
      const { apiUrl, clientId, issuer, authorizationEndpoint } = outputs;
      const settings = { apiUrl, origins: [new URL(issuer).origin], ...rest };
      const redirectUri = `${origin}/callback`;
      await page.addInitScript(prepare, {
        ...settings,
        provider: { clientId, redirectUri, authorizationEndpoint, ...provider },
        frontend: origin,
      });
      await page.goto(`${origin}/here`);
      await ready(page);
      return page;
    },
    programme: async (faults) => {
      const body = JSON.stringify(faults);
      expect((await fetch(`${outputs.issuer}/faults`, { method: "POST", body })).status).toBe(200);
    },
    exchanges: async () => {
      const ledger = (await (await fetch(`${outputs.issuer}/ledger`)).json()) as {
        processed: { grant_type: string }[];
      };
      return ledger.processed.filter((each) => each.grant_type === "refresh_token").length;
    },
    close: async () => {
      await browser.close();
      servers.forEach((server) => server.close());
      await stack.close();
    },
  };
}

async function serve(
  origin: string,
  find: (path: string) => readonly [type: string, body: string],
): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", origin);
    const [type, body] = find(pathname);
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
  });
  server.listen(Number(new URL(origin).port), "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The client's modules as they are published, at the root. */
export async function clientFiles(): Promise<Files> {
  const { minifiedModules } = (await import(join(ROOT, "packages", "client", "minify.mjs"))) as {
    minifiedModules: () => Promise<Readonly<Record<string, { readonly code: string }>>>;
  };
  const modules = Object.entries(await minifiedModules());
  return Object.fromEntries(
    modules.map(([name, { code }]) => [`/${name}`, ["text/javascript", code] as const]),
  );
}

interface Prepared {
  readonly frontend: string;
  readonly provider: ProviderOptions;
  readonly apiUrl: string;
  readonly origins: readonly string[];
  readonly transport?: "bearer" | "cookie";
  readonly tabs?: boolean;
  readonly storage?: VaultClientOptions["storage"];
}

/** Runs in the page, at every load of it. */
function prepare({ frontend, origins, ...options }: Prepared): void {
  if (location.origin !== frontend) {
    return;
  }
  window.heard = [];
  window.begin = (create, { accountOf: account, createFetch: fetchOf }) => {
    const vault = create(options);
    for (const name of ["signed-in", "signed-out", "needs-sign-in"] as const) {
      vault.on(name, (event) => window.heard.push([name, event]));
    }
    window.vault = Object.assign(vault, account(vault), { fetch: fetchOf(vault, origins) });
  };
}

async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => "vault" in window);
}

/** By the provider's own page. */
export async function signIn(
  page: Page,
  name: string,
  options: SignInOptions = {},
): Promise<CompletedSignIn | undefined> {
  await page.evaluate((wanted) => window.vault.signIn(wanted), options);
  await page.getByLabel(/Who are you|Somebody else|another/i).fill(name);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(/\/callback/);
  await ready(page);
  return await page.evaluate(() => window.vault.completeSignIn());
}
