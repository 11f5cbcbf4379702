/** Puts the client together: the public factory adds the host's environment. */
import { createAccessTokens } from "./access-token.js";
import { createApi } from "./api.js";
import type { Core, HasCore } from "./core.js";
import type { Environment } from "./environment.js";
import { failure, type VaultError, vaultError, wrongOptions } from "./errors.js";
import { createEmitter, type VaultState } from "./events.js";
import { checkOptions } from "./options.js";
import { eventually, safely } from "./safely.js";
import { createSessions, type TabSession } from "./session.js";
import { createShare } from "./sharing.js";
import { createSignIn, isAnswer } from "./sign-in.js";
import { createTabs } from "./tabs.js";
import type {
  CallOptions,
  CompletedSignIn,
  TextStorage,
  VaultClient,
  VaultClientOptions,
} from "./types.js";
import { abortable } from "./waiting.js";
import type * as wire from "./wire.js";

/** @throws VaultError `invalid_options` */
export function assemble(options: VaultClientOptions, host: Environment): VaultClient & HasCore {
  try {
    const core = createCore(options, host);
    const { on } = core.emitter;
    return {
      ...core.guard({
        ...signInMethods(core),
        ...signOutMethod(core),
        user: core.user,
        accessToken: core.accessTokens.obtain,
      }),
      on,
      onChange: (listener) => on("change", listener),
      get state() {
        return core.stateOf();
      },
      close: core.channel.close,
      core,
    };
  } catch (error) {
    throw vaultError(error, "fix_request", "invalid_options");
  }
}

/** By name; what is not there is memory. */
type Stores = Readonly<Record<string, TextStorage | undefined>>;

function createCore(options: VaultClientOptions, host: Environment): Core {
  checkOptions(options);
  const { apiUrl, fetch = host.fetch, storage = "tab", tabs, transport } = options;
  const isOwn = typeof storage === "object";
  const share = createShare();
  let last: VaultState;
  const url = apiUrl.replace(/\/+$/, "");
  const core = {
    ...host,
    ...options,
    ...(tabs === false && { openChannel: undefined, locks: undefined }),
    url,
    fetch,
    key: `rollup-vault.${url.replace(/\W+/g, "-")}`,
    isCookie: transport === "cookie",
    isPersonal: host.page ?? (isOwn || storage === "memory"),
    keeper: isOwn ? storage : ({ tab: host.storage, local: host.locals } as Stores)[storage],
    pageKeeper: host.storage,
    emitter: createEmitter(),
    user: async ({ fresh }: Parameters<Core["user"]>[0] = {}) => {
      const asked = await core.tabSession.current();
      const path = fresh ? "/me?fresh=true" : "/me";
      // Of a client that serves many people, each call may have a cookie of its own.
      const keys = core.isPersonal ? [asked, path, core.edits] : [NaN];
      return await share(keys, async () => {
        const found = await core.api.send<wire.User>({ method: "GET", path, has: "sub" });
        core.tabSession.setSubject(found.sub, asked);
        return found;
      });
    },
    edits: 0,
    guard: (methods: object) => guard(core, methods),
    stateOf: () => (core.signingIn ? "signing-in" : core.tabSession.stateOf()),
    changed: () => {
      const now = core.stateOf();
      if (now !== last) {
        last = now;
        core.emitter.emit("change", now);
      }
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
  last = core.stateOf();
  safely(() => host.onRestored?.(() => void eventually(core.user), core.tabSession.current));
  return core;
}

function guard<T extends object>(core: Core, methods: T): T {
  for (const [name, method] of Object.entries(methods) as [keyof T & string, Method][]) {
    methods[name] = (async (...given: (CallOptions | undefined)[]) => {
      // Not of a patch, which may have a `signal` of its own.
      const signal = given.find(hasSignal)?.signal;
      try {
        return await abortable(async () => {
          if (!name.includes("ignIn")) {
            await eventually(() => core.signingIn?.work);
          }
          return await method(...given);
        }, signal);
      } catch (error) {
        throw signal?.reason === error ? error : vaultError(error, "fix_request", "unsupported");
      }
    }) as T[typeof name];
  }
  return methods;
}

function hasSignal(options: CallOptions | undefined): unknown {
  const signal: { throwIfAborted?: unknown } | undefined = options?.signal;
  return signal?.throwIfAborted;
}

type Method = (...given: unknown[]) => Promise<unknown>;

function signInMethods(
  core: Core,
): Pick<VaultClient, "signIn" | "completeSignIn" | "signInWithIdToken"> {
  const { api, tabSession, accessTokens, isPersonal, navigate, page, clocks } = core;
  const signIn = createSignIn(core);

  /** Takes no signal: a session that the API opens must be known here, so that it can be ended. */
  async function open(content: object, bearer: string | null) {
    if (!isPersonal) {
      // One client object for all requests of a server would mix up their users.
      throw wrongOptions("Set storage");
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
    if (isAnswer(url) && core.signingIn?.url !== url) {
      const work = signIn
        .finish(url, (request) => open(request, null))
        .finally(() => {
          if (core.signingIn?.work === work) {
            core.signingIn = undefined;
            core.changed();
          }
        });
      core.signingIn = { url, work };
      core.changed();
    }
    return (await core.signingIn?.work) as CompletedSignIn | undefined;
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
        const message = page ? "Set storage" : "No page: set navigate";
        throw failure("fix_request", "unsupported", { message });
      }
    },
    completeSignIn: ({ url = safely(() => page?.location.href) ?? "" } = {}) => complete(url),
    signInWithIdToken: async ({ idToken, refreshToken }) =>
      (await open({ refresh_token: refreshToken }, idToken)).user,
  };
}

function signOutMethod({ api, tabSession, clocks, isCookie }: Core): Pick<VaultClient, "signOut"> {
  return {
    signOut: async ({ everywhere, signal } = {}) => {
      const at = clocks()[0];
      let session: TabSession | undefined;
      try {
        session = await tabSession.required();
        const path = everywhere ? "/sessions" : "/sessions/current";
        await api.send({ method: "DELETE", path, signal });
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
}
