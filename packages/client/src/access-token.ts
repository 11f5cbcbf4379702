/** Access tokens: in memory alone, one request at a time in this page, and one among all tabs. */
import type { Core } from "./core.js";
import { notSignedIn, type VaultError } from "./errors.js";
import type { HeldSession } from "./session.js";
import type { TabMessage } from "./tabs.js";
import type { AccessTokenOptions } from "./types.js";
import { abortable, pause } from "./waiting.js";
import type { AccessToken } from "./wire.js";

export interface AccessTokens {
  readonly obtain: (options?: AccessTokenOptions) => Promise<AccessToken>;
  /**
   * Another one than this, which a server has refused, if the API has another. Undefined where it
   * is too new for that to help.
   */
  renew(refused: string, signal: AbortSignal | undefined): Promise<AccessToken | undefined>;
  /** One that came with a sign-in. */
  keep(session: HeldSession, token: AccessToken): void;
  /** No token will come until the user signs in again. */
  drop(session: HeldSession, reason: string): void;
  /** @param session this tab's, by now */
  hear(message: TabMessage, session: HeldSession | undefined): void;
}

interface Kept {
  /** No other one's, not even of the same user. */
  readonly session: HeldSession;
  readonly token: AccessToken;
  /** Milliseconds that it had left then. */
  readonly left: number;
  readonly since: ReturnType<Core["clocks"]>;
}

/** More than any token lives (what the API takes at most): it gets a new one. */
const NEW_ONE_SECONDS = 86_400;
/** A server that refuses a token as new as that refuses the next one, too. */
const TOO_NEW_MS = 30_000;
/** What the tab before us got may take a moment longer to reach us than its turn to end. */
const WORD_OF_OTHER_TAB_MS = 250;
const DEFAULT_SECONDS = 60;

export function createAccessTokens(core: Core): AccessTokens {
  const { api, held, channel, emitter, clocks } = core;
  let kept: Kept | undefined;
  let flight: { work: Promise<Kept>; seconds: number; session: HeldSession } | undefined;
  let heard = (): void => undefined;

  /** By the clock that has moved further: one may have been set back, the other may have slept. */
  function age({ since }: Kept): number {
    const [wall, steady] = clocks();
    return Math.max(wall - since[0], steady - since[1]);
  }

  /** Any other than the refused one will do. */
  function find(session: HeldSession, seconds: number, refused?: string): Kept | undefined {
    return kept?.session === session &&
      kept.token.access_token !== refused &&
      kept.left - age(kept) > (refused ? 0 : seconds * 1000)
      ? kept
      : undefined;
  }

  async function obtain(seconds: number, refused: string | undefined, signal?: AbortSignal) {
    const session = await held.required();
    const atHand = find(session, seconds, refused);
    if (atHand) {
      return shown(atHand);
    }
    // One that asks for less does not help who asks for more.
    if (flight?.session !== session || flight.seconds < seconds) {
      const work = api.patiently(() => turn(session, seconds, refused), true);
      const done = () => {
        flight = flight?.work === work ? undefined : flight;
      };
      flight = { work, seconds, session };
      work.then(done, done);
    }
    const { work } = flight;
    return shown(await abortable(() => work, signal));
  }

  function turn(session: HeldSession, seconds: number, refused?: string): Promise<Kept> {
    return channel.alone(session.sub, async (waited) => {
      const another = () => find(session, seconds, refused);
      if (waited && !another()) {
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
    const content = { min_validity: seconds };
    const call = {
      method: "POST",
      path: "/me/access-token",
      content,
      has: "access_token",
    } as const;
    const token = await api.attempt<AccessToken>(call).catch((error: unknown) => {
      const { code, reason = "" } = error as VaultError;
      if (code === "needs_sign_in") {
        drop(session, reason);
      }
      throw error;
    });
    if ((await held.current()) !== session) {
      throw notSignedIn();
    }
    return store(session, token, since);
  }

  /** Its time counts from before it was asked for: rather too early than too late. */
  function store(session: HeldSession, token: AccessToken, since: Kept["since"]): Kept {
    const left = (token.expires_in || 0) * 1000;
    kept = { session, token, left, since };
    channel.tell({ kind: "token", sub: session.sub, token, left: left - age(kept) });
    return kept;
  }

  function shown(found: Kept): AccessToken {
    const left = Math.floor((found.left - age(found)) / 1000);
    return { ...found.token, expires_in: left };
  }

  function drop({ sub }: HeldSession, reason: string): void {
    channel.tell({ kind: "stale", sub, reason });
    stale(sub, reason, false);
  }

  function stale(sub: string, reason: string, elsewhere: boolean): void {
    kept = undefined;
    emitter.emit("needs-sign-in", { sub, reason, elsewhere });
  }

  function hear(message: TabMessage, session: HeldSession | undefined): void {
    const { kind, sub } = message;
    if (session?.sub !== sub) {
      return;
    }
    if (kind === "token") {
      kept = { session, token: message.token, left: message.left, since: clocks() };
      heard();
    } else if (kind === "stale") {
      stale(sub, message.reason, true);
    }
  }

  return {
    obtain: ({ minValidity = DEFAULT_SECONDS, signal } = {}) =>
      obtain(minValidity, undefined, signal),
    renew: async (refused, signal) => {
      const isTooNew = kept?.token.access_token === refused && age(kept) < TOO_NEW_MS;
      return isTooNew ? undefined : await obtain(NEW_ONE_SECONDS, refused, signal);
    },
    keep: (session, token) => store(session, token, clocks()),
    drop,
    hear,
  };
}
