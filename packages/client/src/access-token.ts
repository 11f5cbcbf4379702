/** Access tokens: kept in memory only, one request at a time per page and among all tabs. */
import type { Core } from "./core.js";
import { notSignedIn, type VaultError } from "./errors.js";
import type { TabSession } from "./session.js";
import { createShare } from "./sharing.js";
import type { TabMessage } from "./tabs.js";
import type { AccessTokenOptions } from "./types.js";
import { pause } from "./waiting.js";
import type { AccessToken } from "./wire.js";

export interface AccessTokens {
  readonly obtain: (options?: AccessTokenOptions) => Promise<AccessToken>;
  /**
   * Another token than `refused`, which a resource server has answered with 401. Undefined if
   * `refused` is so new that another one would be refused as well.
   */
  renew(refused: string): Promise<AccessToken | undefined>;
  /** Keeps the token that came with a sign-in. */
  keep(session: TabSession, token: AccessToken): void;
  /** Drops the token and emits `needs-sign-in` in all tabs. */
  drop(session: TabSession, reason: string): void;
  /** @param session the session of this tab after the message */
  onTabMessage(message: TabMessage, session: TabSession | undefined): void;
}

interface CachedToken {
  /** The token is for this session only, not for a later one of the same user. */
  readonly owner: TabSession;
  readonly token: AccessToken;
  /** Remaining lifetime in milliseconds at `since`. */
  readonly left: number;
  readonly since: ReturnType<Core["clocks"]>;
}

/** The largest `min_validity` that the API accepts. No token lives as long, so it refreshes. */
const FORCE_REFRESH_VALIDITY_S = 86_400;
/** A resource server that refuses a token of this age refuses the next one as well. */
const TOO_NEW_MS = 30_000;
/** The other tab's message may arrive later than its lock is released. */
const CROSS_TAB_GRACE_MS = 250;
const DEFAULT_VALIDITY_S = 60;

export function createAccessTokens(core: Core): AccessTokens {
  const { api, tabSession, channel, emitter, clocks } = core;
  let cached: CachedToken | undefined;
  const share = createShare();
  /** Ends the waiting for another tab's token. */
  let announce: (() => void) | undefined;

  /** By the clock that moved further: one may have been set back, the other may have slept. */
  function age({ since }: CachedToken): number {
    const [wall, steady] = clocks();
    return Math.max(wall - since[0], steady - since[1]);
  }

  async function obtain(
    { minValidity = DEFAULT_VALIDITY_S, requiredScopes: scopes }: AccessTokenOptions = {},
    refused?: string,
  ): Promise<AccessToken> {
    const session = await tabSession.required();
    // Valid for long enough, or not the one that was refused.
    const atHand = () =>
      cached?.owner === session &&
      cached.token.access_token !== refused &&
      cached.left - age(cached) > (refused ? 0 : minValidity * 1000) &&
      // A scope that is not known counts as granted, as the API has it.
      !scopes?.some((name) => cached?.token.scope?.split(" ").includes(name) === false) &&
      cached;
    const findOrRequest = async (waited: boolean): Promise<CachedToken> => {
      if (waited && !atHand()) {
        await new Promise<void>((resolve) => {
          announce = resolve;
          void pause(CROSS_TAB_GRACE_MS).then(resolve);
        });
      }
      return atHand() || (await request(session, minValidity, scopes));
    };
    const found =
      atHand() ||
      // A request in flight for less does not help a caller that needs more, and one for other
      // scopes may be refused for them.
      (await share([minValidity, session, String(scopes)], () =>
        api.withRetries(() => channel.withLock(session.sub, findOrRequest), true),
      ));
    return { ...found.token, expires_in: Math.floor((found.left - age(found)) / 1000) };
  }

  async function request(session: TabSession, seconds: number, scopes?: readonly string[]) {
    const since = clocks();
    const call = {
      method: "POST",
      path: "/me/access-token",
      content: { min_validity: seconds, required_scopes: scopes },
      has: "access_token",
    } as const;
    const token = await api.attempt<AccessToken>(call).catch((error: unknown) => {
      const { code, reason = "" } = error as VaultError;
      if (code === "needs_sign_in") {
        drop(session, reason);
      }
      throw error;
    });
    if ((await tabSession.current()) !== session) {
      throw notSignedIn();
    }
    return store(session, token, since);
  }

  /** @param since before the request was sent, so that the token seems rather older than it is */
  function store(session: TabSession, token: AccessToken, since: CachedToken["since"]) {
    const left = (token.expires_in || 0) * 1000;
    cached = { owner: session, token, left, since };
    channel.broadcast({ kind: "token", sub: session.sub, token, left: left - age(cached) });
    return cached;
  }

  function drop({ sub }: TabSession, reason: string, elsewhere = false): void {
    cached = undefined;
    if (!elsewhere) {
      channel.broadcast({ kind: "stale", sub, reason });
    }
    emitter.emit("needs-sign-in", { sub, reason, elsewhere });
  }

  function onTabMessage(message: TabMessage, session: TabSession | undefined): void {
    const { kind, sub } = message;
    if (session?.sub !== sub) {
      return;
    }
    if (kind === "token") {
      cached = { ...message, owner: session, since: clocks() };
      announce?.();
    } else if (kind === "stale") {
      drop(session, message.reason, true);
    }
  }

  return {
    obtain,
    renew: async (refused) => {
      const isTooNew = cached?.token.access_token === refused && age(cached) < TOO_NEW_MS;
      const minValidity = FORCE_REFRESH_VALIDITY_S;
      return isTooNew ? undefined : await obtain({ minValidity }, refused);
    },
    keep: (session, token) => store(session, token, clocks()),
    drop,
    onTabMessage,
  };
}
