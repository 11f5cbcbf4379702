import type { Session } from "../../lambda/model";
import type { SessionStore } from "../../lambda/ports";

/** What the sessions table promises. */
export function createInMemorySessionStore(): SessionStore & {
  readonly items: Map<string, Session>;
} {
  const items = new Map<string, Session>();

  return {
    items,
    create: (session) => {
      items.set(session.tokenHash, { ...session });
      return Promise.resolve();
    },
    find: (tokenHash) => Promise.resolve(items.get(tokenHash)),
    touch: (session) => {
      const known = items.get(session.tokenHash);
      if (known !== undefined) {
        const { lastSeenAt, idleExpiresAt } = session;
        items.set(session.tokenHash, { ...known, lastSeenAt, idleExpiresAt });
      }
      return Promise.resolve();
    },
    listOf: (sub) => Promise.resolve([...items.values()].filter((session) => session.sub === sub)),
    end: (tokenHash) => {
      items.delete(tokenHash);
      return Promise.resolve();
    },
  };
}
