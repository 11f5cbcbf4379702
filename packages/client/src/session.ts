/**
 * The session of this tab. With bearer transport its token lies in the tab's storage; with a
 * cookie nothing is stored, and the API says whose it is.
 */
import type { Core } from "./core.js";
import { notSignedIn } from "./errors.js";
import type { SignedOutReason, VaultState } from "./events.js";
import { safely } from "./safely.js";
import { createShelf } from "./shelf.js";
import type { TabMessage } from "./tabs.js";

export interface TabSession {
  readonly sub: string;
  /** Unknown after a reload with a cookie. */
  readonly id?: string | undefined;
  /** Absent or null: the token is in a cookie. */
  readonly token?: string | null;
  /**
   * Wall clock in ms: when the session began, or when this tab first heard of it. Earlier versions
   * stored none, which counts as later than any.
   */
  readonly at: number;
}

export interface TabSessions {
  /**
   * The session of this tab, or the newer one that another page has put into its storage. Every
   * sign-in makes a new object, so callers can compare by identity.
   */
  readonly current: () => Promise<TabSession | undefined>;
  /**
   * The same; with a cookie it asks the API if it is not known yet.
   * @throws VaultError `not_signed_in`, or the API's
   */
  required(): Promise<TabSession>;
  /** Never rejects, for the API has opened the session. @returns the session that it replaces */
  begin(session: TabSession): Promise<TabSession | undefined>;
  /**
   * Does nothing if `session` is no longer this tab's.
   * @param all every session of the user from before this time has ended (wall clock, ms)
   */
  end(
    session: TabSession | undefined,
    reason: SignedOutReason,
    all?: number,
    elsewhere?: boolean,
  ): Promise<void>;
  /**
   * The API has said whose session the cookie is.
   * @param asked this tab's session when the request was sent
   */
  setSubject(sub: string, asked: TabSession | undefined): void;
  /** @returns the session of this tab after the message */
  onTabMessage(message: TabMessage): Promise<TabSession | undefined>;
  /** Without a request, and without waiting. */
  readonly stateOf: () => VaultState;
}

export function createSessions(core: Core): TabSessions {
  const { isCookie, isPersonal, keeper, key, emitter, channel, clocks, user, changed } = core;
  // With a cookie nothing is stored.
  const shelf = createShelf<TabSession>(isCookie ? undefined : keeper, key);
  // At once, for the first picture that a page paints; most storages can.
  const first: unknown = isCookie || safely(() => keeper?.getItem(key));
  const stored = safely(() => JSON.parse(first as string) as TabSession | null);
  let session = stored?.token ? stored : undefined;
  /** Else nobody has answered yet. */
  let isKnown = !isCookie && first !== Object(first);
  let turn: Promise<unknown> = Promise.resolve();

  /**
   * Runs one piece of work after the other: storages are asynchronous, and a value that was read
   * before a write is stale after it.
   * @param work never rejects
   */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    return (turn = turn.then(work)) as Promise<T>;
  }

  async function refresh(): Promise<TabSession | undefined> {
    const found = await shelf.read();
    if (found?.token && found.token !== session?.token) {
      become(found, true, isKnown);
    }
    isKnown ||= !isCookie;
    changed();
    return session;
  }

  const current = () => inTurn(refresh);

  async function required(): Promise<TabSession> {
    if (!(await current()) && isCookie) {
      await user();
    }
    if (!session) {
      throw notSignedIn();
    }
    return session;
  }

  // Tabs of one storage take turns: each ends the session that it replaces, so it must see it.
  const begin = (next: TabSession) =>
    channel.withLock("", () =>
      inTurn(async () => {
        const before = await refresh();
        await shelf.write(next);
        become(next, false);
        channel.broadcast({ kind: "in", sub: next.sub, at: next.at });
        return before;
      }),
    );

  /** @param isNews false if the user was only unknown to this tab */
  function become(next: TabSession, elsewhere: boolean, isNews = true): void {
    session = next;
    isKnown = true;
    if (isNews) {
      emitter.emit("signed-in", { sub: next.sub, elsewhere });
    }
    changed();
  }

  const end: TabSessions["end"] = (ended, reason, all, elsewhere = false) =>
    inTurn(async () => {
      if (ended && (await refresh()) === ended) {
        const { sub, id } = ended;
        session = undefined;
        await shelf.remove(ended);
        if (!elsewhere) {
          channel.broadcast({ kind: "out", sub, id, all, reason });
        }
        emitter.emit("signed-out", { sub, reason, elsewhere });
      }
      isKnown = true;
      changed();
    });

  async function onTabMessage(message: TabMessage): Promise<TabSession | undefined> {
    const { kind, sub } = message;
    const mine = await current();
    if (kind === "in" && isCookie && (mine?.at ?? 0) <= message.at) {
      become({ sub, at: message.at }, true);
    } else if (kind === "out" && mine?.sub === sub) {
      const isSame = !isCookie && message.id === mine.id;
      if (isSame || mine.at <= (message.all ?? 0)) {
        await end(mine, message.reason, undefined, true);
      } else if (isCookie || message.all) {
        // The user may have signed in again meanwhile; the API knows.
        await user();
      }
    }
    return session;
  }

  function setSubject(sub: string, asked: TabSession | undefined): void {
    // A client that serves many people remembers none of them.
    if (isCookie && isPersonal && session === asked && asked?.sub !== sub) {
      become({ sub, at: clocks()[0] }, true, Boolean(asked));
    }
  }

  const stateOf = () => (session ? "signed-in" : isKnown ? "signed-out" : "unknown");

  if (!isKnown && !isCookie) {
    void current();
  }
  return { current, required, begin, end, setSubject, onTabMessage, stateOf };
}
