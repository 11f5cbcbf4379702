/** Puts the client together: the public factory adds the host's environment. */
import { createAccessTokens } from "./access-token.js";
import { type Call, createApi } from "./api.js";
import type { Core } from "./core.js";
import type { Environment } from "./environment.js";
import { failure, type VaultError, vaultError, wrongOptions } from "./errors.js";
import { createEmitter } from "./events.js";
import { createResourceFetch } from "./resource-fetch.js";
import { eventually, safely } from "./safely.js";
import { createSessions, type TabSession } from "./session.js";
import { createSignIn, isAnswer } from "./sign-in.js";
import { createTabs } from "./tabs.js";
import type { CallOptions, CompletedSignIn, VaultClient, VaultClientOptions } from "./types.js";
import { abortable } from "./waiting.js";
import type * as wire from "./wire.js";

/** @throws VaultError `invalid_options` */
export function assemble(options: VaultClientOptions, host: Environment): VaultClient {
  try {
    const core = createCore(options, host);
    const methods = {
      ...signInMethods(core),
      ...otherMethods(core),
      user: core.user,
      accessToken: core.accessTokens.obtain,
      fetch: createResourceFetch(core),
    };
    guard(methods);
    return { ...methods, on: core.emitter.on, close: core.channel.close };
  } catch (error) {
    throw vaultError(error, "fix_request", "invalid_options");
  }
}

function createCore(options: VaultClientOptions, host: Environment): Core {
  const { apiUrl, fetch = host.fetch, storage, tabs, transport } = options;
  const url = apiUrl.replace(/\/+$/, "");
  const core = {
    ...host,
    ...options,
    ...(tabs === false && { openChannel: undefined, locks: undefined }),
    url,
    fetch,
    key: `rollup-vault.${url.replace(/\W+/g, "-")}`,
    isCookie: transport === "cookie",
    isPersonal: Boolean(host.page ?? storage),
    keeper: storage === "memory" ? undefined : (storage ?? host.storage),
    pageKeeper: host.storage,
    emitter: createEmitter(),
    user: async ({ fresh, signal }: Parameters<Core["user"]>[0] = {}) => {
      const asked = await core.tabSession.current();
      const path = fresh ? "/me?fresh=true" : "/me";
      const found = await core.api.send<wire.User>({ method: "GET", path, signal, has: "sub" });
      core.tabSession.setSubject(found.sub, asked);
      return found;
    },
  } as unknown as Core;
  core.channel = createTabs(core, ({ data: message }) => {
    // The message may come from another version of this client, and the API may not answer.
    void eventually(async () => {
      core.accessTokens.onTabMessage(message, await core.tabSession.onTabMessage(message));
    });
  });
  core.api = createApi(core);
  core.tabSession = createSessions(core);
  core.accessTokens = createAccessTokens(core);
  safely(() => host.onRestored?.(() => void eventually(core.user)));
  return core;
}

type Method = (...given: never[]) => Promise<unknown>;

/** Callers get a VaultError or the reason of their own signal, and no other error. */
function guard(methods: Record<string, Method>): void {
  for (const [name, method] of Object.entries(methods)) {
    methods[name] = async (...given) => {
      try {
        return await method(...given);
      } catch (error) {
        const isOwn = given.some((each?: CallOptions) => each?.signal?.reason === error);
        throw isOwn ? error : vaultError(error, "fix_request", "unsupported");
      }
    };
  }
}

function signInMethods(
  core: Core,
): Pick<VaultClient, "signIn" | "completeSignIn" | "signInWithIdToken"> {
  const { api, tabSession, accessTokens, isPersonal, navigate, page, clocks } = core;
  const signIn = createSignIn(core);
  let pending: { url: string; work: Promise<CompletedSignIn | undefined> } | undefined;

  /** Takes no signal: a session that the API opens must be known here, so that it can be ended. */
  async function open(content: object, bearer: string | null) {
    if (!isPersonal) {
      // One client object for all requests of a server would mix up their users.
      throw wrongOptions("Set storage.");
    }
    const has = "user";
    const call = { method: "POST", path: "/sessions", content, bearer, has } as const;
    const { session, access_token: token, ...opened } = await api.send<wire.SignIn>(call);
    const next = { sub: opened.user.sub, id: session.id, token: session.token, at: clocks()[0] };
    const before = await tabSession.begin(next);
    if (token) {
      accessTokens.keep(next, token);
    }
    if (before?.token) {
      // If the request fails, the session expires by itself.
      const end = { method: "DELETE", path: "/sessions/current", bearer: before.token } as const;
      void eventually(() => api.send(end, true));
    }
    return opened;
  }

  /** Also for a second call, when the first has cleared the address or the address is the same. */
  async function complete(url: string): Promise<CompletedSignIn | undefined> {
    if (isAnswer(url) && pending?.url !== url) {
      const work = signIn
        .finish(url, (request) => open(request, null))
        .finally(() => {
          pending = pending?.work === work ? undefined : pending;
        });
      pending = { url, work };
    }
    return await pending?.work;
  }

  return {
    signIn: async (wanted) => {
      const { url, isStored } = await signIn.start(wanted);
      if (navigate) {
        await navigate(url);
      } else if (page && isStored) {
        page.location.assign(url);
      } else {
        // Without a stored state the answer could not be verified.
        throw failure("fix_request", "unsupported", { message: "Set storage." });
      }
    },
    completeSignIn: async ({ url = safely(() => page?.location.href) ?? "", signal } = {}) =>
      await abortable(() => complete(url), signal),
    signInWithIdToken: async ({ idToken, refreshToken }, { signal } = {}) => {
      const content = { refresh_token: refreshToken };
      return (await abortable(() => open(content, idToken), signal)).user;
    },
  };
}

function otherMethods({ api, tabSession, accessTokens, clocks, isCookie }: Core) {
  const call =
    <T>(method: Call["method"], path: string, more?: Partial<Call>) =>
    ({ signal }: CallOptions = {}) =>
      api.send<T>({ method, path, signal, ...more });
  const list = call<wire.SessionList>("GET", "/sessions", { has: "sessions" });
  const methods: OtherMethods = {
    updateAttributes: (patch, { ifVersion, ...options } = {}) =>
      call<wire.User>("PATCH", "/me", {
        content: { attributes: patch },
        ...(ifVersion && { headers: { "if-match": `"${ifVersion}"` } }),
      })(options),
    connection: call("GET", "/me/refresh-token"),
    exportData: call("GET", "/me/export"),
    sessions: async (options) => (await list(options)).sessions,
    endSession: async (id, options) => {
      await call("DELETE", `/sessions/${encodeURIComponent(id)}`)(options);
    },
    disconnect: async (options) => {
      const session = await tabSession.required();
      await call("DELETE", "/me/refresh-token")(options);
      accessTokens.drop(session, "disconnected");
    },
    erase: async (options) => {
      const session = await tabSession.required();
      const at = clocks()[0];
      const receipt = await call<wire.ErasureReceipt>("DELETE", "/me")(options);
      await tabSession.end(session, "erased", at);
      return receipt;
    },
    signOut: async ({ everywhere, ...options } = {}) => {
      const at = clocks()[0];
      let session: TabSession | undefined;
      try {
        session = await tabSession.required();
        await call("DELETE", everywhere ? "/sessions" : "/sessions/current")(options);
      } catch (error) {
        const isEnded = /invalid_token|not_signed_in/.test((error as VaultError).code);
        if (isEnded || (!everywhere && !isCookie)) {
          await tabSession.end(session, "signed_out");
        }
        // To end a session that has already ended is no error. Of the others nothing is known.
        if (isEnded) {
          return;
        }
        throw error;
      }
      await tabSession.end(session, "signed_out", everywhere ? at : undefined);
    },
  };
  return methods;
}

type OtherMethods = Omit<
  VaultClient,
  keyof ReturnType<typeof signInMethods> | "user" | "accessToken" | "fetch" | "on" | "close"
>;
