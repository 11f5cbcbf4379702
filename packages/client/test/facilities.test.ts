/**
 * Every facility of a browser: missing, throwing when it is looked at or made, throwing when it is
 * used.
 */
import { createVaultClient, VaultError } from "../src/vault-client.js";
import { accessToken, json, signedIn, userOf, withEntries } from "./browser-double.js";
import { createChannels, createLocks, createPage, mapStorage } from "./facilities-double.js";

const PAGE = "https://app.example/";
const RESOURCE = "https://resource.example";
const REFUSED = new DOMException("Not here", "SecurityError");

function refuse(): never {
  throw REFUSED;
}

/** What it is, with every function of it throwing; made with `new`, too. */
function unusable<T extends object>(target: T): T {
  return new Proxy(target, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === "function" ? refuse : value;
    },
    construct: () => unusable({ postMessage: refuse, close: refuse, onmessage: null }),
    apply: refuse,
  });
}

type How = "missing" | "throws when looked at" | "throws when used";
type World = Record<string, unknown>;

function worldOf(): World {
  const openChannel = createChannels();
  const answers: Record<string, () => Response> = {
    "POST /sessions": () => json(signedIn("ada"), 201),
    "GET /me": () => json(userOf("ada")),
    "POST /me/access-token": () => json(accessToken()),
    "GET /things": () => json({}),
  };
  const { location, history } = createPage(PAGE);
  return {
    document: {},
    location,
    history,
    sessionStorage: mapStorage(),
    navigator: { locks: createLocks() },
    BroadcastChannel: new Proxy(Object, {
      construct: (_, [name]) => openChannel(name as string),
    }),
    addEventListener: () => undefined,
    fetch: (input: RequestInfo, init?: RequestInit) => {
      const { method, url } = new Request(input, init);
      const responder = answers[`${method} ${new URL(url).pathname}`];
      return Promise.resolve(responder?.() ?? new Response(null, { status: 204 }));
    },
    crypto: globalThis.crypto,
    setTimeout: globalThis.setTimeout,
    AbortSignal: globalThis.AbortSignal,
    AbortController: globalThis.AbortController,
  };
}

const own = new Map<string, PropertyDescriptor | undefined>();

function define(name: string, descriptor: PropertyDescriptor): void {
  if (!own.has(name)) {
    own.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  }
  Object.defineProperty(globalThis, name, { ...descriptor, configurable: true });
}

afterEach(() => {
  for (const [name, descriptor] of own) {
    if (descriptor) {
      Object.defineProperty(globalThis, name, descriptor);
    } else {
      Reflect.deleteProperty(globalThis, name);
    }
  }
  own.clear();
});

/** @param facility `navigator.locks`: a member of another one */
function install(facility: string, how: How): World {
  const world = worldOf();
  for (const [name, value] of Object.entries(world)) {
    define(name, { value, writable: true });
  }
  const [name = "", member] = facility.split(".");
  const whole = world[name] as World;
  const part = member === undefined ? whole : whole[member];
  const descriptor: PropertyDescriptor = {
    missing: { value: undefined },
    "throws when looked at": { get: refuse },
    "throws when used": { value: unusable(part as object) },
  }[how];
  if (member === undefined) {
    define(name, descriptor);
  } else {
    const spoilt = new Proxy(whole, {
      get: (of, key) => {
        if (key === member) {
          return descriptor.get ? refuse() : (descriptor.value as unknown);
        }
        const value: unknown = Reflect.get(of, key, of);
        return typeof value === "function" ? (value as () => void).bind(of) : value;
      },
    });
    define(name, { value: spoilt });
  }
  return world;
}

async function outcome(work: () => unknown): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    return error instanceof VaultError ? error.code : `NOT A VaultError: ${String(error)}`;
  }
}

/** A whole life of a client. @returns what each step came to */
async function live(world: World, pkce: boolean): Promise<Record<string, string>> {
  const provider = { clientId: "app", redirectUri: `${PAGE}callback`, pkce };
  const options = { apiUrl: "https://api.example", provider, retry: { retries: 0 } };
  const client = withEntries(createVaultClient(options), [RESOURCE]);
  const location = world["location"] as { href: string };
  const steps: Record<string, string> = {};
  const step = async (name: string, work: () => unknown) => {
    steps[name] = await outcome(work);
  };
  await step("signIn", () => client.signIn());
  const state = new URL(location.href).searchParams.get("state") ?? "";
  location.href = `${PAGE}callback?code=c&state=${state}`;
  await step("completeSignIn", () => client.completeSignIn());
  if (steps["signIn"] !== "ok") {
    await step("signInWithIdToken", () => client.signInWithIdToken({ idToken: "id.token.x" }));
  }
  await step("user", () => client.user());
  await step("accessToken", () => client.accessToken());
  await step("fetch", () => client.fetch(`${RESOURCE}/things`));
  await step("disconnect", () => client.disconnect());
  client.close();
  client.close();
  await step("user after close", () => client.user());
  await step("signOut", () => client.signOut());
  return Object.fromEntries(Object.entries(steps).filter(([, code]) => code !== "ok"));
}

const HOWS = ["missing", "throws when looked at", "throws when used"] as const;
const NO_SIGN_IN = { signIn: "unsupported" };
const NO_FETCH = {
  completeSignIn: "network",
  user: "not_signed_in",
  accessToken: "not_signed_in",
  fetch: "not_signed_in",
  disconnect: "not_signed_in",
  "user after close": "not_signed_in",
};

/** What does not work without it: everything else does. */
const NEEDED: readonly [facility: string, fails: object, pkce?: true][] = [
  ["sessionStorage", NO_SIGN_IN],
  ["BroadcastChannel", {}],
  ["navigator", {}],
  ["navigator.locks", {}],
  ["crypto", NO_SIGN_IN],
  ["crypto.subtle", {}],
  ["crypto.subtle", NO_SIGN_IN, true],
  ["history", {}],
  ["location", NO_SIGN_IN],
  ["fetch", NO_FETCH],
  ["setTimeout", {}],
  ["AbortSignal", {}],
  ["AbortController", {}],
  ["addEventListener", {}],
];

test.each(NEEDED.flatMap((each) => HOWS.map((how) => [each[0], how, each] as const)))(
  "%s %s: what does not need it works, and every error is a VaultError",
  async (_, how, [facility, fails, pkce]) => {
    const world = install(facility, how);
    expect(await live(world, pkce ?? false)).toEqual(fails);
  },
);

test("with everything there, everything works", async () => {
  expect(await live(install("addEventListener", "missing"), true)).toEqual({});
});

test("the cause of an error is what the browser threw", async () => {
  install("crypto", "throws when looked at");
  const provider = { clientId: "app", redirectUri: `${PAGE}callback` };
  const client = createVaultClient({ apiUrl: "https://api.example", provider });
  await expect(client.signIn()).rejects.toMatchObject({
    name: "VaultError",
    action: "fix_request",
    code: "unsupported",
    cause: REFUSED,
  });
});

test.each([
  ["signInWithIdToken", []],
  ["updateAttributes", [{ self: 1n }]],
  ["fetch", ["http://["]],
  ["endSession", ["\ud800"]],
] as const)("%s with what cannot be sent: a VaultError, too", async (name, given) => {
  install("addEventListener", "missing");
  const client = withEntries(createVaultClient({ apiUrl: "https://api.example" }), [RESOURCE]);
  await client.signInWithIdToken({ idToken: "id.token.x" });
  const call = client[name] as (...all: readonly unknown[]) => Promise<unknown>;
  expect(await outcome(() => call(...given))).toBe("unsupported");
});
