"use client";
/**
 * Hooks and components for React 18 and newer: `rollup-vault-client/react`. Safe under strict mode,
 * and where a server renders: there, and until the browser has taken over, nothing is known.
 */
import {
  type ButtonHTMLAttributes,
  createContext,
  createElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { VaultState } from "./events.js";
import type { AccessTokenOptions, SignInOptions } from "./types.js";
import { type VaultClient, VaultError } from "./vault-client.js";
import type { User } from "./wire.js";

/** What is known of the person who is there. */
export interface VaultSession {
  readonly state: VaultState;
  /** As soon as the API has said who it is. */
  readonly user?: User | undefined;
  /**
   * Why the last sign-in or reading the user failed: by `code`, `sign_in_denied` (the person or the
   * provider said no), `state_mismatch` (the address has an answer to a sign-in that did not begin
   * here), or what the client says.
   */
  readonly error?: VaultError | undefined;
}

interface Shared extends VaultSession {
  readonly vault: () => VaultClient;
  /** Begins again, after an error or a change of the user: also a sign-in that can be repeated. */
  readonly reload: () => Promise<void>;
  readonly fail: (error: VaultError) => void;
}

const NOTHING: VaultSession = { state: "unknown" };
const Context = createContext<Shared | undefined>(undefined);

/** Before the first picture; React 18 warns of it on a server, where it does nothing. */
const useBeforePaint = typeof window === "undefined" ? useEffect : useLayoutEffect;

export interface VaultProviderProps {
  /**
   * The client of the page, or a function that gives it. A server that renders never calls the
   * function. Make either outside of components, so that there is one.
   */
  readonly vault: VaultClient | (() => VaultClient);
  /**
   * After the return from the provider, also with an error: the page where the sign-in began. The
   * address bar shows it already; a router wants to be told.
   */
  readonly onReturn?: ((returnTo: string) => void) | undefined;
  readonly children?: ReactNode;
}

/** Accepts the provider's answer, and follows the session. */
export function VaultProvider({ vault, onReturn, children }: VaultProviderProps): ReactNode {
  const [session, setSession] = useState(NOTHING);
  const get = useCallback(() => (typeof vault === "function" ? vault() : vault), [vault]);
  const returned = useRef(onReturn);
  const started = useRef<() => Promise<void>>(undefined);
  const reload = useCallback(async () => {
    await started.current?.();
  }, []);
  useBeforePaint(() => {
    returned.current = onReturn;
  });
  useBeforePaint(() => {
    const { start, stop } = follow(get(), setSession, (to) => returned.current?.(to));
    started.current = start;
    void start();
    return stop;
  }, [get]);
  const value = useMemo<Shared>(
    () => ({
      ...session,
      vault: get,
      reload,
      fail: (error) => {
        setSession((now) => ({ ...now, error }));
      },
    }),
    [session, get, reload],
  );
  return createElement(Context.Provider, { value }, children);
}

function follow(
  vault: VaultClient,
  show: (next: (now: VaultSession) => VaultSession) => void,
  onReturn: (returnTo: string) => void,
) {
  let isOver = false;
  let isStarting = false;
  /** Only the last answer counts. */
  let turn = 0;

  const set = (next: Partial<VaultSession>) => {
    if (!isOver) {
      show((now) => ({ ...now, state: vault.state, ...next }));
    }
  };

  async function load(error?: VaultError): Promise<void> {
    const mine = (turn += 1);
    if (vault.state === "signed-out") {
      set({ user: undefined, error });
      return;
    }
    set({ error });
    const found = await vault.user().then(
      (user) => ({ user, error }),
      (thrown: unknown) => {
        const why = thrown as VaultError;
        return why.action === "sign_in" ? { user: undefined, error } : { error: error ?? why };
      },
    );
    if (mine === turn) {
      set(found);
    }
  }

  async function start(): Promise<void> {
    let error: VaultError | undefined;
    isStarting = true;
    const work = vault.completeSignIn();
    set({});
    try {
      const completed = await work;
      if (completed) {
        isStarting = false;
        set({ user: completed.user, error });
        back(completed.returnTo);
        return;
      }
    } catch (thrown) {
      error = thrown as VaultError;
      back(error.returnTo);
    }
    isStarting = false;
    await load(error);
    if (!error && vault.state === "signed-out" && isAnswerOfOthers()) {
      set({ error: new VaultError(undefined, { action: "sign_in", code: "state_mismatch" }) });
    }
  }

  function back(returnTo: string | undefined): void {
    if (returnTo !== undefined && !isOver) {
      onReturn(returnTo);
    }
  }

  const stops = [
    vault.on("signed-in", () => {
      if (!isStarting) {
        void load();
      }
    }),
    vault.on("signed-out", () => {
      turn += 1;
      set({ user: undefined, error: undefined });
    }),
    vault.onChange(() => {
      set({});
    }),
  ];
  return {
    start,
    stop: () => {
      isOver = true;
      for (const stop of stops) {
        stop();
      }
    },
  };
}

/** `completeSignIn` has left it there: this page did not begin that sign-in, or not lately. */
function isAnswerOfOthers(): boolean {
  // React Native has no address bar.
  const { location } = globalThis as Partial<typeof globalThis>;
  const query = new URLSearchParams(location?.search);
  return query.has("state") && (query.has("code") || query.has("error"));
}

function useShared(): Shared {
  const shared = useContext(Context);
  if (!shared) {
    const message = "No VaultProvider around it";
    throw new VaultError(message, { action: "fix_request", code: "invalid_options" });
  }
  return shared;
}

/** @returns the session, and `reload`, which asks again (e.g. after `updateAttributes`) */
export function useUser(): VaultSession & { readonly reload: () => Promise<void> } {
  const { state, user, error, reload } = useShared();
  return { state, user, error, reload };
}

/** A timer takes no more; a token that lives longer is simply asked for once a day. */
const MAX_WAIT_S = 86_400;
const LEAST_WAIT_S = 5;

interface Held {
  /** Whose token it is: nobody else may see it, not even for one picture. */
  readonly owner?: string;
  readonly accessToken?: string;
  readonly error?: VaultError;
}

/**
 * An access token while somebody is signed in, renewed before it runs out.
 * @returns neither until the first answer; `error` also with `needs_consent`, whose `missingScopes`
 *   `SignInButton` takes as `scopes`
 */
export function useAccessToken(options: Omit<AccessTokenOptions, "signal"> = {}): {
  readonly accessToken?: string | undefined;
  readonly error?: VaultError | undefined;
} {
  const { minValidity = 60, requiredScopes } = options;
  const { state, user, vault } = useShared();
  const scopes = requiredScopes?.join(" ");
  const owner = state === "signed-in" ? `${user?.sub ?? ""} ${scopes ?? ""}` : undefined;
  const [held, setHeld] = useState<Held>({});
  useEffect(() => {
    if (owner === undefined) {
      return undefined;
    }
    const stop = new AbortController();
    const { signal } = stop;
    let timer: ReturnType<typeof setTimeout>;
    const again = (seconds: number) => {
      const wait = Math.min(Math.max(seconds, LEAST_WAIT_S), MAX_WAIT_S);
      timer = setTimeout(() => void ask(), wait * 1000);
    };
    const ask = async () => {
      try {
        const wanted = {
          minValidity,
          requiredScopes: scopes ? scopes.split(" ") : undefined,
          signal,
        };
        const token = await vault().accessToken(wanted);
        setHeld({ owner, accessToken: token.access_token });
        again(token.expires_in - minValidity);
      } catch (thrown) {
        const error = thrown as VaultError;
        if (!signal.aborted) {
          setHeld({ owner, error });
          if (error.retryable) {
            again(error.retryAfter ?? 0);
          }
        }
      }
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [owner, minValidity, scopes, vault]);
  const { accessToken, error } = held.owner === owner ? held : {};
  return { accessToken, error };
}

/** @param props a function as child is called with the user, as soon as it is known */
export function SignedIn(props: {
  readonly children?: ReactNode | ((user: User) => ReactNode);
}): ReactNode {
  const { children } = props;
  const { state, user } = useShared();
  if (state !== "signed-in") {
    return null;
  }
  return typeof children === "function" ? user && children(user) : children;
}

/** @param props a function as child is called with the error of the last sign-in, if any */
export function SignedOut(props: {
  readonly children?: ReactNode | ((error: VaultError | undefined) => ReactNode);
}): ReactNode {
  const { children } = props;
  const { state, error } = useShared();
  if (state !== "signed-out") {
    return null;
  }
  return typeof children === "function" ? children(error) : children;
}

/** A button, with the options of `signIn` beside its own properties. */
export function SignInButton(
  props: SignInOptions & Omit<ButtonHTMLAttributes<HTMLButtonElement>, "onClick">,
): ReactNode {
  const { returnTo, parameters, scopes, children = "Sign in", ...rest } = props;
  const { state, vault, fail } = useShared();
  const options = { scopes, ...(returnTo && { returnTo }), ...(parameters && { parameters }) };
  return createElement(
    "button",
    {
      type: "button",
      disabled: state === "signing-in",
      ...rest,
      onClick: () => {
        vault().signIn(options).catch(fail);
      },
    },
    children,
  );
}
