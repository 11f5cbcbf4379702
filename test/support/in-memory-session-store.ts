import type { Session } from "../../lambda/model";
import type { SessionStore } from "../../lambda/ports/stores";

/** What the sessions table promises. */
export function createInMemorySessionStore(): SessionStore & {
  readonly items: Map<string, Session>;
  /** Keys of items that nobody can read, by the user whose they are. */
  readonly damaged: Map<string, string>;
  /** Everything of a user's that can be read. */
  allOf(sub: string): readonly Session[];
} {
  const items = new Map<string, Session>();
  const damaged = new Map<string, string>();
  const allOf = (sub: string) => [...items.values()].filter((session) => session.sub === sub);

  return {
    items,
    damaged,
    allOf,
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
    page: (sub, { limit, after = "" }) => {
      // In the order of their hashes, as good as any.
      const hashes = [
        ...allOf(sub).map(({ tokenHash }) => tokenHash),
        ...[...damaged].filter(([, owner]) => owner === sub).map(([tokenHash]) => tokenHash),
      ];
      const found = hashes
        .filter((tokenHash) => tokenHash > after)
        .sort((one, other) => (one < other ? -1 : 1))
        .slice(0, limit);
      return Promise.resolve({
        entries: found.map((tokenHash) => ({ tokenHash, session: items.get(tokenHash) })),
        next: found.length < limit ? undefined : found.at(-1),
      });
    },
    end: (tokenHash) => {
      items.delete(tokenHash);
      damaged.delete(tokenHash);
      return Promise.resolve();
    },
  };
}
