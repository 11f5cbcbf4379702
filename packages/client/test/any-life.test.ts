/**
 * Any order of what people, browsers and networks do: no foreign error, no newer session removed,
 * none left open unknown.
 */
import fc from "fast-check";
import type { Channel } from "../src/environment.js";
import { VaultError } from "../src/vault-client.js";
import { createBrowser, mapStorage, PAGE, type Tab } from "./browser-double.js";
import { createChannels } from "./facilities-double.js";
import { createModelServer, type Network } from "./model-server.js";

const TABS = 3;
const NAMES = ["ada", "bob"] as const;
const NETWORKS: readonly Network[] = ["fine", "unheard", "unanswered", "portal", "busy", "held"];
const KINDS = [
  "sign in",
  "sign in here",
  "sign out",
  "everywhere",
  "user",
  "token",
  "navigate",
  "back",
  "reload",
  "close",
  "network",
  "release",
  "settle",
] as const;

interface Action {
  readonly kind: (typeof KINDS)[number];
  readonly tab: number;
  readonly name: (typeof NAMES)[number];
  readonly network: Network;
}

const actions: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom(...KINDS),
  tab: fc.nat({ max: TABS - 1 }),
  name: fc.constantFrom(...NAMES),
  network: fc.constantFrom(...NETWORKS),
});

interface Page extends Tab {
  isFrozen: boolean;
}

interface TabOfPages {
  readonly storage: Storage;
  page: Page;
  /** In the back/forward cache. */
  readonly cache: Page[];
  /**
   * Calls that have not been answered: such a page does not go into the cache, and here it does
   * not go away.
   */
  busy: number;
  /** Tokens that this tab may forget although they are live: it signs out. */
  readonly leaving: Set<string>;
}

const tokenIn = (text: string | null) =>
  text === null ? undefined : (JSON.parse(text) as { token?: string }).token;

/** @param isShared all tabs have one storage, as with `localStorage` */
function createLife(isShared: boolean) {
  const server = createModelServer();
  const browser = createBrowser();
  const openRaw = createChannels();
  const faults: string[] = [];
  let wall = 1_000_000;

  for (const route of [
    "POST /sessions",
    "GET /me",
    "POST /me/access-token",
    "DELETE /sessions/current",
    "DELETE /sessions",
  ]) {
    browser.routes[route] = server.respond;
  }

  function watched(storage: Storage, tab: () => TabOfPages): Storage {
    return Object.assign(Object.create(storage) as Storage, {
      removeItem: (key: string) => {
        const token = tokenIn(storage.getItem(key)) ?? "";
        const mayGo = isShared
          ? tabs.some(({ leaving }) => leaving.has(token))
          : tab().leaving.has(token);
        if (server.live.has(token) && !mayGo) {
          faults.push(`removed ${token}, which lives`);
        }
        storage.removeItem(key);
      },
    });
  }

  function open(storage: Storage): Page {
    // Frozen pages hear nothing.
    const openChannel = (name: string): Channel => {
      const inner = openRaw(name);
      const outer: Channel = {
        onmessage: null,
        close: inner.close,
        postMessage: inner.postMessage,
      };
      inner.onmessage = (event) => {
        if (!page.isFrozen) {
          outer.onmessage?.(event);
        }
      };
      return outer;
    };
    const clocks = () => [(wall += 1), 0] as const;
    const opened = browser.open({ retry: { retries: 1 } }, storage, { openChannel, clocks });
    const page: Page = Object.assign(opened, { isFrozen: false });
    return page;
  }

  const one = mapStorage();
  const tabs: TabOfPages[] = Array.from({ length: TABS }, () => {
    const inner = isShared ? one : mapStorage();
    const storage = watched(inner, () => tab);
    const rest = { cache: [], busy: 0, leaving: new Set<string>() };
    const tab: TabOfPages = { storage, page: open(storage), ...rest };
    return tab;
  });

  const sessionOf = ({ storage }: TabOfPages) =>
    tokenIn(storage.getItem("rollup-vault.https-api-example"));

  function call(tab: TabOfPages, work: () => Promise<unknown>): void {
    tab.busy += 1;
    const over = () => {
      tab.busy -= 1;
    };
    work()
      .catch((error: unknown) => {
        if (!(error instanceof VaultError)) {
          faults.push(`a foreign error: ${String(error)}`);
        }
      })
      .then(over, over);
  }

  /** The page that is shown goes into the cache, and another one is shown on the same storage. */
  function navigate(tab: TabOfPages): void {
    tab.page.isFrozen = true;
    tab.cache.push(tab.page);
    tab.page = open(tab.storage);
  }

  function back(tab: TabOfPages): void {
    const page = tab.cache.pop();
    if (page) {
      tab.page.client.close();
      tab.page = page;
      page.isFrozen = false;
      page.restore();
    }
  }

  async function signIn(tab: TabOfPages, name: string): Promise<void> {
    await tab.page.client.signIn();
    const state = new URL(tab.page.page.location.href).searchParams.get("state") ?? "";
    navigate(tab);
    tab.page.page.location.href = `${PAGE}callback?code=${name}&state=${state}`;
    await tab.page.client.completeSignIn();
  }

  async function signOut(tab: TabOfPages, everywhere: boolean): Promise<void> {
    const token = sessionOf(tab) ?? "";
    if (!everywhere) {
      tab.leaving.add(token);
    }
    try {
      await tab.page.client.signOut({ everywhere });
    } catch (error) {
      // It has been said that the API has not heard of it.
      server.excused.add(token);
      throw error;
    }
  }

  async function token(tab: TabOfPages): Promise<void> {
    const whose = () => server.live.get(sessionOf(tab) ?? "");
    const before = whose();
    const got = (await tab.page.client.accessToken()).access_token.slice("access-".length);
    // After a sign-out the message about it may still be on its way.
    const wanted = [before, whose()].filter((name) => name !== undefined);
    if (wanted.length > 0 && !wanted.includes(got)) {
      faults.push(`a token of ${got} for ${wanted.join()}`);
    }
  }

  function act({ kind, tab: at, name, network }: Action): void {
    const tab = tabs[at]!;
    const { client } = tab.page;
    const isIdle = tab.busy === 0;
    if (kind === "sign in here") {
      call(tab, () => client.signInWithIdToken({ idToken: name }));
    } else if (kind === "sign out" || kind === "everywhere") {
      call(tab, () => signOut(tab, kind === "everywhere"));
    } else if (kind === "user") {
      call(tab, () => client.user());
    } else if (kind === "token") {
      call(tab, () => token(tab));
    } else if (kind === "close") {
      client.close();
    } else if (kind === "network") {
      server.plans.push(network);
    } else if (kind === "release") {
      server.release();
    } else if (isIdle && kind === "sign in") {
      call(tab, () => signIn(tab, name));
    } else if (isIdle && kind === "navigate") {
      navigate(tab);
    } else if (isIdle && kind === "back") {
      back(tab);
    } else if (isIdle && kind === "reload") {
      client.close();
      tab.page = open(tab.storage);
    }
  }

  async function quiet(): Promise<void> {
    server.plans.length = 0;
    for (let turns = 0; turns < 4; turns += 1) {
      server.release();
      await pass();
    }
  }

  /** When all is quiet and the network is fine. */
  async function judge(): Promise<void> {
    await quiet();
    const known = new Set(tabs.map(sessionOf));
    for (const session of server.live.keys()) {
      if (!known.has(session) && !server.excused.has(session)) {
        faults.push(`${session} is open, and no tab has it`);
      }
    }
    for (const tab of tabs) {
      const whose = server.live.get(sessionOf(tab) ?? "");
      const found = tab.page.client.user().then(
        ({ sub }) => sub,
        (error: unknown) => (error as VaultError).code,
      );
      await pass();
      if (whose !== undefined && (await found) !== `urn:${whose}`) {
        faults.push(`${whose} is signed in, and appears as ${await found}`);
      }
    }
  }

  return { act, judge, faults };
}

async function pass(): Promise<void> {
  for (let turns = 0; turns < 12; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await jest.advanceTimersByTimeAsync(2_000);
  await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "performance"] });
});

afterEach(() => {
  jest.useRealTimers();
});

const RUNS = Number(process.env["LIVES"] ?? 300);

test.each([
  ["a storage for each tab", false],
  ["one storage for all tabs", true],
])("with %s", async (_, isShared) => {
  const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);
  const all = fc.array(actions, { minLength: 2, maxLength: 25 });
  const property = fc.asyncProperty(all, async (life) => {
    const { act, judge, faults } = createLife(isShared);
    for (const action of life) {
      act(action);
      if (action.kind === "settle") {
        await pass();
      } else {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await judge();
    expect(faults).toEqual([]);
  });
  // fast-check says seed and path of what fails.
  await fc.assert(property, { numRuns: RUNS, seed });
});
