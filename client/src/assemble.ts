/** How the parts make a client: the public factory is this, with what the host has. */
import { createAccessTokens } from "./access-token.js";
import { createApi, type Call } from "./api.js";
import type { Environment } from "./environment.js";
import { createEmitter } from "./events.js";
import { createResourceFetch } from "./resource-fetch.js";
import { createSessions } from "./session.js";
import { createSignIn } from "./sign-in.js";
import { createTabs } from "./tabs.js";
import type { CallOptions, CompletedSignIn, VaultClient, VaultClientOptions } from "./types.js";
import type * as wire from "./wire.js";

/** The address of what has no address bar. */
const NOWHERE = "x:";

/** @throws VaultError `invalid_options` */
export function assemble(options: VaultClientOptions, environment: Environment): VaultClient {
  const parts = createParts(options, environment);
  return {
    ...signInMethods(options, environment, parts),
    ...otherMethods(parts),
    user: parts.user,
    accessToken: (wanted = {}) => parts.accessTokens.get(wanted),
    fetch: createResourceFetch({
      environment,
      accessTokens: parts.accessTokens,
      origins: options.origins ?? [],
    }),
    on: parts.emitter.on,
    close: parts.close,
  };
}

type Parts = ReturnType<typeof createParts>;

function createParts(options: VaultClientOptions, environment: Environment) {
  const { transport, retry = {}, storage } = options;
  const url = options.apiUrl.replace(/\/+$/, "");
  const key = `rollup-vault.${url.replace(/\W+/g, "-")}`;
  const keeper = storage === "memory" ? undefined : (storage ?? environment.storage);
  const emitter = createEmitter();
  const tabs = createTabs(environment, `rollup-vault:1:${url}`, (message) => {
    void sessions.hear(message).then(() => accessTokens.hear(message));
  });
  const api = createApi({ url, environment, retry, sessions: () => sessions });
  const user: VaultClient["user"] = async ({ fresh, signal } = {}) => {
    const path = fresh ? "/me?fresh=true" : "/me";
    const found = await api.send<wire.User>({ method: "GET", path, signal });
    sessions.learn(found.sub);
    return found;
  };
  const sessions = createSessions({
    ...{ tabs, emitter, check: user },
    ...{ isCookie: transport === "cookie", key, storage: keeper },
  });
  const accessTokens = createAccessTokens({
    tabs,
    emitter,
    api,
    sessions,
    clocks: environment.clocks,
  });
  environment.onRestored?.(() => {
    user().catch(() => undefined);
  });
  return {
    ...{ api, key, keeper, emitter, user, sessions, accessTokens },
    close: tabs.close,
  };
}

function signInMethods(
  options: VaultClientOptions,
  environment: Environment,
  { api, key, keeper, sessions, accessTokens }: Parts,
): Pick<VaultClient, "signIn" | "completeSignIn" | "signInWithIdToken"> {
  const { page } = environment;
  const way = createSignIn({
    ...{ environment, key: `${key}.sign-in`, provider: options.provider },
    storage: environment.storage ?? keeper,
  });
  let completing: Promise<CompletedSignIn> | undefined;

  async function open(json: object, bearer: string | null, { signal }: CallOptions) {
    const before = await sessions.current();
    const call = { method: "POST", path: "/sessions", json, bearer, signal } as const;
    const { session, user, access_token: token } = await api.send<wire.SignIn>(call);
    await sessions.begin({ sub: user.sub, id: session.id, token: session.token });
    if (token) {
      accessTokens.keep(user.sub, token);
    }
    if (before?.token) {
      // The one that this replaces; if it cannot be ended it runs out.
      api
        .attempt({ method: "DELETE", path: "/sessions/current", bearer: before.token })
        .catch(() => undefined);
    }
    return user;
  }

  return {
    signIn: async (wanted = {}) => {
      const url = await way.start(wanted);
      const navigate = options.navigate ?? ((to: string) => page?.location.assign(to));
      await navigate(url);
    },
    completeSignIn: async ({ url = page?.location.href ?? NOWHERE, ...call } = {}) => {
      const returned = way.finish(url);
      if (returned !== undefined) {
        completing = returned.then(async ({ proof, returnTo }) => {
          const user = await open(proof, null, call);
          page?.history.replaceState(page.history.state, "", returnTo);
          return { user, returnTo };
        });
        const done = () => {
          completing = undefined;
        };
        completing.then(done, done);
      }
      return await completing;
    },
    signInWithIdToken: async ({ idToken, refreshToken }, call = {}) =>
      await open(refreshToken ? { refresh_token: refreshToken } : {}, idToken, call),
  };
}

function otherMethods({ api, sessions, accessTokens }: Parts) {
  const call =
    <T>(method: Call["method"], path: string, more?: Partial<Call>) =>
    ({ signal }: CallOptions = {}) =>
      api.send<T>({ method, path, signal, ...more });
  const list = call<wire.SessionList>("GET", "/sessions");
  const methods: OtherMethods = {
    updateAttributes: (patch, { ifVersion, ...options } = {}) =>
      call<wire.User>("PATCH", "/me", {
        json: { attributes: patch },
        headers: ifVersion ? { "if-match": `"${String(ifVersion)}"` } : {},
      })(options),
    connection: call("GET", "/me/refresh-token"),
    exportData: call("GET", "/me/export"),
    sessions: async (options) => (await list(options)).sessions,
    endSession: (id, options) =>
      call<undefined>("DELETE", `/sessions/${encodeURIComponent(id)}`)(options),
    disconnect: async (options) => {
      const session = await sessions.required();
      await call("DELETE", "/me/refresh-token")(options);
      accessTokens.drop(session, "disconnected");
    },
    erase: async (options) => {
      const session = await sessions.required();
      const receipt = await call<wire.ErasureReceipt>("DELETE", "/me")(options);
      await sessions.end(session, "erased", true);
      return receipt;
    },
    signOut: async ({ everywhere, ...options } = {}) => {
      const session = await sessions.required();
      let isOver = !everywhere && !sessions.isCookie;
      try {
        await call("DELETE", everywhere ? "/sessions" : "/sessions/current")(options);
        isOver = true;
      } finally {
        if (isOver) {
          await sessions.end(session, "signed_out", everywhere);
        }
      }
    },
  };
  return methods;
}

type OtherMethods = Omit<
  VaultClient,
  keyof ReturnType<typeof signInMethods> | "user" | "accessToken" | "fetch" | "on" | "close"
>;
