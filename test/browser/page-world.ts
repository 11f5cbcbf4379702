/** The real stack with its page, and a real Chromium to look at it. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type Stack, startStack } from "../../local/stack";
import { LIMITS_TO_TRY, type StackOptions } from "../../local/stack-options";
import { CHROMIUM } from "./chromium";

interface Tab {
  readonly page: Page;
  /**
   * What went wrong in it: errors and warnings of the console, requests to third parties, uncaught
   * errors.
   */
  readonly complaints: readonly string[];
}

export interface PageWorld {
  readonly stack: Stack;
  readonly browser: Browser;
  /** A tab in a profile of its own, at the page. */
  open(options?: BrowserContextOptions): Promise<Tab>;
  programme(faults: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

/** A busy machine is no reason to fail. */
const PATIENCE_MS = 90_000;
const TIMEOUT_MS = 900_000;

export async function startPageWorld(options: Partial<StackOptions> = {}): Promise<PageWorld> {
  const stack = await startStack({
    port: 0,
    issuerPort: 0,
    page: { port: 0, orAnyOther: false },
    limits: LIMITS_TO_TRY,
    ...options,
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const { outputs } = stack;
  const resource = options.page?.resourceUrl;
  const own = [
    outputs.pageUrl,
    outputs.apiUrl,
    new URL(outputs.issuer).origin,
    ...(resource === undefined ? [] : [new URL(resource).origin]),
  ];
  return {
    stack,
    browser,
    open: async (contextOptions) => {
      const context = await browser.newContext(contextOptions);
      context.setDefaultTimeout(PATIENCE_MS);
      const tab = watch(await context.newPage(), own);
      await tab.page.goto(outputs.pageUrl);
      return tab;
    },
    programme: async (faults) => {
      const body = JSON.stringify(faults);
      await fetch(`${outputs.issuer}/faults`, { method: "POST", body });
    },
    close: async () => {
      await browser.close();
      await stack.close();
    },
  };
}

/**
 * A world for all tests of a file, not started where all are skipped. What was broken in a test is
 * mended after it.
 */
export function usePageWorld(
  optionsOf: () => Partial<StackOptions> | Promise<Partial<StackOptions>> = () => ({}),
): PageWorld {
  jest.setTimeout(TIMEOUT_MS);
  let world: PageWorld | undefined;
  const started = () => {
    if (world === undefined) {
      throw new Error("the world is there within tests");
    }
    return world;
  };
  beforeAll(async () => {
    world = await startPageWorld(await optionsOf());
  });
  afterEach(async () => {
    // Another provider than the local Rollup ID has no such tool.
    if (started().stack.outputs.faults !== undefined) {
      await started().programme({ reset: true });
    }
  });
  afterAll(async () => {
    await world?.close();
  });
  return {
    get stack() {
      return started().stack;
    },
    get browser() {
      return started().browser;
    },
    open: async (options) => await started().open(options),
    programme: async (faults) => {
      await started().programme(faults);
    },
    close: async () => {
      await started().close();
    },
  };
}

/**
 * An answer that is an error is logged by the browser itself; whether it is right is for the test
 * to say.
 */
const EXPECTED = /^Failed to load resource/;

function watch(page: Page, ownOrigins: readonly string[]): Tab {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !EXPECTED.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (!ownOrigins.includes(origin) && protocol !== "blob:") {
      complaints.push(`a request to ${origin}`);
    }
  });
  return { page, complaints };
}

/** By mouse, as a new person. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Sign in with Rollup ID" }).first().click();
  await page.getByLabel(/Who are you|somebody else/).fill(name);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Profile", level: 1 }).waitFor();
}

export async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole("heading", { name, level: 1 }).waitFor();
}

/** What the page tells in passing. */
export async function said(page: Page, text: string | RegExp): Promise<void> {
  await page.locator(".notices").getByText(text).waitFor();
}

export async function view(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click();
  await heading(page, name);
}
