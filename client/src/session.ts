/** Who is signed in here. With bearer transport that is a token in this tab's storage; with a cookie nothing is kept, and who it is the API says. */
import { notSignedIn } from "./errors.js";
import type { Emitter, SignedOutReason } from "./events.js";
import type { TabMessage, Tabs } from "./tabs.js";
import type { TextStorage } from "./types.js";

export interface HeldSession {
  readonly sub: string;
  /** Unknown where a page with a cookie was loaded anew. */
  readonly id?: string | undefined;
  /** Absent or null: in a cookie. */
  readonly token?: string | null;
}

export interface Sessions {
  readonly isCookie: boolean;
  /** The session of this tab; a sign-in makes another object of it, so that who compares sees the change. */
  current(): Promise<HeldSession | undefined>;
  /** The same, or VaultError `not_signed_in`; with a cookie also what asking the API brings. */
  required(): Promise<HeldSession>;
  begin(session: HeldSession): Promise<void>;
  /** Nothing happens where it is not this tab's session any more. */
  end(session: HeldSession | undefined, reason: SignedOutReason, all?: boolean): Promise<void>;
  /** The API has said whose session the cookie is. */
  learn(sub: string): void;
  hear(message: TabMessage): Promise<void>;
}

interface SessionDependencies {
  readonly isCookie: boolean;
  /** Undefined: memory alone. */
  readonly storage: TextStorage | undefined;
  readonly key: string;
  readonly emitter: Emitter;
  readonly tabs: Tabs;
  /** Asks the API whether the session is still there. */
  readonly check: () => Promise<unknown>;
}

export function createSessions(dependencies: SessionDependencies): Sessions {
  const { isCookie, storage, key, emitter, tabs } = dependencies;
  let session: HeldSession | undefined;
  let loading: Promise<void> | undefined;

  async function current(): Promise<HeldSession | undefined> {
    loading ??= load();
    await loading;
    return session;
  }

  async function load(): Promise<void> {
    if (!isCookie) {
      session = parse(await storage?.getItem(key));
    }
  }

  async function required(): Promise<HeldSession> {
    if ((await current()) === undefined && isCookie) {
      await dependencies.check();
    }
    if (session === undefined) {
      throw notSignedIn();
    }
    return session;
  }

  async function begin(next: HeldSession): Promise<void> {
    await current();
    if (!isCookie) {
      await storage?.setItem(key, JSON.stringify(next));
    }
    become(next, false);
    tabs.tell({ kind: "in", sub: next.sub });
  }

  function become(next: HeldSession, elsewhere: boolean): void {
    session = next;
    emitter.emit("signed-in", { sub: next.sub, elsewhere });
  }

  async function end(
    ended: HeldSession | undefined,
    reason: SignedOutReason,
    all = false,
  ): Promise<void> {
    if (ended !== undefined && ended === session) {
      tabs.tell({ kind: "out", sub: ended.sub, id: ended.id, all, reason });
      await forget(ended, reason, false);
    }
  }

  async function forget({ sub }: HeldSession, reason: SignedOutReason, elsewhere: boolean) {
    session = undefined;
    if (!isCookie) {
      await storage?.removeItem(key);
    }
    emitter.emit("signed-out", { sub, reason, elsewhere });
  }

  async function hear(message: TabMessage): Promise<void> {
    const { kind, sub } = message;
    await current();
    if (kind === "in" && isCookie) {
      become({ sub }, true);
    } else if (kind === "out" && session?.sub === sub) {
      if (message.all || (!isCookie && message.id === session.id)) {
        await forget(session, message.reason, true);
      } else if (isCookie) {
        // Somebody may have signed in again meanwhile; the API knows.
        await dependencies.check().catch(() => undefined);
      }
    }
  }

  function learn(sub: string): void {
    if (isCookie && session?.sub !== sub) {
      if (session === undefined) {
        session = { sub };
      } else {
        become({ sub }, true);
      }
    }
  }

  return { isCookie, current, required, begin, end, learn, hear };
}

/** Undefined for a text that is not ours. */
function parse(text: string | null | undefined): HeldSession | undefined {
  try {
    const value = JSON.parse(text ?? "") as HeldSession | null;
    return typeof value?.token === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
