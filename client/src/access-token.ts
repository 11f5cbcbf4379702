/** Access tokens: in memory alone, one request at a time in this page, and one among all tabs. */
import type { Api } from "./api.js";
import type { Environment } from "./environment.js";
import { notSignedIn, VaultError } from "./errors.js";
import type { Emitter } from "./events.js";
import type { HeldSession, Sessions } from "./session.js";
import type { TabMessage, Tabs } from "./tabs.js";
import type { AccessTokenOptions } from "./types.js";
import { abortable, pause } from "./waiting.js";
import type { AccessToken } from "./wire.js";

export interface AccessTokens {
  get(options: AccessTokenOptions): Promise<AccessToken>;
  /** Another one than this, which a server has refused. Undefined where it is too new for that to help. */
  replace(refused: string, signal: AbortSignal | undefined): Promise<AccessToken | undefined>;
  /** One that came with a sign-in. */
  keep(sub: string, token: AccessToken): void;
  /** No token will come until the user signs in again. */
  drop(session: HeldSession, reason: string): void;
  hear(message: TabMessage): Promise<void>;
}

interface AccessTokenDependencies {
  readonly api: Api;
  readonly sessions: Sessions;
  readonly tabs: Tabs;
  readonly emitter: Emitter;
  readonly clocks: Environment["clocks"];
}

interface Kept {
  readonly sub: string;
  readonly token: AccessToken;
  /** Milliseconds that it had left then. */
  readonly left: number;
  readonly since: ReturnType<Environment["clocks"]>;
}

/** More than any token lives (what the API takes at most): it gets a new one. */
const NEW_ONE_SECONDS = 86_400;
/** A server that refuses a token as new as that refuses the next one, too. */
const TOO_NEW_MS = 30_000;
/** What the tab before us got may take a moment longer to reach us than its turn to end. */
const WORD_OF_OTHER_TAB_MS = 250;
const DEFAULT_SECONDS = 60;

export function createAccessTokens(dependencies: AccessTokenDependencies): AccessTokens {
  const { api, sessions, tabs, emitter, clocks } = dependencies;
  let kept: Kept | undefined;
  let flight: { work: Promise<Kept>; seconds: number; session: HeldSession } | undefined;
  let heard = (): void => undefined;

  /** By the clock that has moved further: one may have been set back, the other may have slept. */
  function age({ since }: Kept): number {
    const [wall, steady] = clocks();
    return Math.max(wall - since[0], steady - since[1]);
  }

  function find(sub: string, seconds: number, refused?: string): Kept | undefined {
    return kept?.sub === sub &&
      kept.token.access_token !== refused &&
      kept.left - age(kept) > seconds * 1000
      ? kept
      : undefined;
  }

  async function obtain(seconds: number, refused: string | undefined, signal?: AbortSignal) {
    const session = await sessions.required();
    const atHand = find(session.sub, refused === undefined ? seconds : 0, refused);
    if (atHand !== undefined) {
      return shown(atHand);
    }
    while (flight?.session === session && flight.seconds < seconds) {
      await abortable(
        flight.work.catch(() => undefined),
        signal,
      );
    }
    if (flight?.session !== session) {
      const work = api.patiently(() => turn(session, seconds, refused), true);
      const mine = { work, seconds, session };
      flight = mine;
      const done = () => {
        flight = flight === mine ? undefined : flight;
      };
      work.then(done, done);
    }
    return shown(await abortable(flight.work, signal));
  }

  function turn(session: HeldSession, seconds: number, refused?: string): Promise<Kept> {
    return tabs.alone(session.sub, async (waited) => {
      const another = () => find(session.sub, refused === undefined ? seconds : 0, refused);
      if (waited && another() === undefined) {
        await Promise.race([
          pause(WORD_OF_OTHER_TAB_MS),
          new Promise<void>((resolve) => {
            heard = resolve;
          }),
        ]);
      }
      return another() ?? (await request(session, seconds));
    });
  }

  async function request(session: HeldSession, seconds: number): Promise<Kept> {
    const since = clocks();
    const json = { min_validity: seconds };
    const call = { method: "POST", path: "/me/access-token", json } as const;
    const token = await api.attempt<AccessToken>(call).catch((error: unknown) => {
      if (error instanceof VaultError && error.code === "needs_sign_in") {
        drop(session, error.reason ?? error.code);
      }
      throw error;
    });
    if ((await sessions.current()) !== session) {
      throw notSignedIn();
    }
    return store(session.sub, token, since);
  }

  /** Its time counts from before it was asked for: rather too early than too late. */
  function store(sub: string, token: AccessToken, since: Kept["since"]): Kept {
    const left = token.expires_in * 1000;
    kept = { sub, token, left, since };
    tabs.tell({ kind: "token", sub, token, left: left - age(kept) });
    return kept;
  }

  function shown(found: Kept): AccessToken {
    const left = Math.floor((found.left - age(found)) / 1000);
    return { ...found.token, expires_in: left };
  }

  function drop({ sub }: HeldSession, reason: string): void {
    tabs.tell({ kind: "stale", sub, reason });
    stale(sub, reason, false);
  }

  function stale(sub: string, reason: string, elsewhere: boolean): void {
    kept = undefined;
    emitter.emit("needs-sign-in", { sub, reason, elsewhere });
  }

  async function hear(message: TabMessage): Promise<void> {
    const { kind, sub } = message;
    if ((await sessions.current())?.sub !== sub) {
      return;
    }
    if (kind === "token") {
      kept = { sub, token: message.token, left: message.left, since: clocks() };
      heard();
    } else if (kind === "stale") {
      stale(sub, message.reason, true);
    }
  }

  const forget = () => {
    kept = undefined;
  };
  emitter.on("signed-in", forget);
  emitter.on("signed-out", forget);

  return {
    get: ({ minValidity = DEFAULT_SECONDS, signal }) => obtain(minValidity, undefined, signal),
    replace: async (refused, signal) => {
      const isTooNew = kept?.token.access_token === refused && age(kept) < TOO_NEW_MS;
      return isTooNew ? undefined : await obtain(NEW_ONE_SECONDS, refused, signal);
    },
    keep: (sub, token) => store(sub, token, clocks()),
    drop,
    hear,
  };
}
