/**
 * Who is signed in here. With bearer transport that is a token in this tab's storage; with a
 * cookie nothing is kept, and who it is the API says.
 */
import type { Core } from "./core.js";
import { notSignedIn } from "./errors.js";
import type { SignedOutReason } from "./events.js";
import { createShelf } from "./shelf.js";
import type { TabMessage } from "./tabs.js";

export interface HeldSession {
  readonly sub: string;
  /** Unknown where a page with a cookie was loaded anew. */
  readonly id?: string | undefined;
  /** Absent or null: in a cookie. */
  readonly token?: string | null;
  /**
   * Wall clock, ms: when it began, or was first heard of. Earlier versions stored none, which is
   * later than any.
   */
  readonly at: number;
}

export interface Sessions {
  /**
   * The session of this tab, also where another page has stored a newer one in its storage
   * meanwhile; a sign-in makes another object of it, so that who compares sees the change.
   */
  current(): Promise<HeldSession | undefined>;
  /** The same, or VaultError `not_signed_in`; with a cookie also what asking the API brings. */
  required(): Promise<HeldSession>;
  /** Never rejects: it is open at the API by now. @returns the one that it replaces */
  begin(session: HeldSession): Promise<HeldSession | undefined>;
  /**
   * Nothing happens where it is not this tab's session any more.
   * @param all every session of the user has ended that was there then (wall clock, ms)
   */
  end(
    session: HeldSession | undefined,
    reason: SignedOutReason,
    all?: number,
    elsewhere?: boolean,
  ): Promise<void>;
  /** The API has said whose session the cookie is. @param asked the session when it was asked */
  learn(sub: string, asked: HeldSession | undefined): void;
  /** @returns the session of this tab after that */
  hear(message: TabMessage): Promise<HeldSession | undefined>;
}

export function createSessions(core: Core): Sessions {
  const { isCookie, isPersonal, keeper, key, emitter, channel, clocks, user } = core;
  // With a cookie nothing is ever there.
  const shelf = createShelf<HeldSession>(isCookie ? undefined : keeper, key);
  let session: HeldSession | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /**
   * Storages take their time: what is read before a write must not be believed after it. @param
   * work never rejects
   */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work);
    turn = mine;
    return mine;
  }

  async function refresh(): Promise<HeldSession | undefined> {
    const found = await shelf.read();
    if (found?.token && found.token !== session?.token) {
      become(found, true, Boolean(session));
    }
    return session;
  }

  const current = () => inTurn(refresh);

  async function required(): Promise<HeldSession> {
    if (!(await current()) && isCookie) {
      await user();
    }
    if (!session) {
      throw notSignedIn();
    }
    return session;
  }

  // Two tabs of one storage in turn: each ends what it replaces, so it must know it.
  const begin = (next: HeldSession) =>
    channel.alone("", () =>
      inTurn(async () => {
        const before = await refresh();
        await shelf.write(next);
        become(next, false);
        channel.tell({ kind: "in", sub: next.sub, at: next.at });
        return before;
      }),
    );

  /** @param isNews not where it was unknown who it is */
  function become(next: HeldSession, elsewhere: boolean, isNews = true): void {
    session = next;
    if (isNews) {
      emitter.emit("signed-in", { sub: next.sub, elsewhere });
    }
  }

  const end: Sessions["end"] = (ended, reason, all, elsewhere = false) =>
    inTurn(async () => {
      if (ended && (await refresh()) === ended) {
        const { sub, id } = ended;
        session = undefined;
        await shelf.remove(ended);
        if (!elsewhere) {
          channel.tell({ kind: "out", sub, id, all, reason });
        }
        emitter.emit("signed-out", { sub, reason, elsewhere });
      }
    });

  async function hear(message: TabMessage): Promise<HeldSession | undefined> {
    const { kind, sub } = message;
    const mine = await current();
    if (kind === "in" && isCookie && (mine?.at ?? 0) <= message.at) {
      become({ sub, at: message.at }, true);
    } else if (kind === "out" && mine?.sub === sub) {
      const isIt = !isCookie && message.id === mine.id;
      if (isIt || mine.at <= (message.all ?? 0)) {
        await end(mine, message.reason, undefined, true);
      } else if (isCookie || message.all) {
        // Somebody may have signed in again meanwhile; the API knows.
        await user();
      }
    }
    return session;
  }

  function learn(sub: string, asked: HeldSession | undefined): void {
    // One client of many people keeps none of them.
    if (isCookie && isPersonal && session === asked && asked?.sub !== sub) {
      become({ sub, at: clocks()[0] }, true, Boolean(asked));
    }
  }

  return { current, required, begin, end, learn, hear };
}
