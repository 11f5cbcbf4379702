import { assertCurrent } from "../../lambda/cutoff";
import { UnavailableError } from "../../lambda/errors";
import type { User, UserRecord } from "../../lambda/model";
import type { UserEraser, UserMover, UserStore } from "../../lambda/ports";

const NOBODY: UserRecord = { user: undefined, erasure: undefined, revocation: undefined };

/**
 * What the users table promises: one conditional write, an older token never wins, a tombstone
 * stays.
 */
export function createInMemoryUserStore(): UserStore &
  UserEraser & { readonly items: Map<string, UserRecord>; readonly mover: UserMover } {
  const items = new Map<string, UserRecord>();
  /** Those that a move works at. */
  const locked = new Set<string>();
  const recordOf = (sub: string) => items.get(sub) ?? NOBODY;

  function assertReadable(sub: string): void {
    if (locked.has(sub)) {
      throw new UnavailableError("unknown_schema_version");
    }
  }

  function put(sub: string, user: User): User {
    items.set(sub, { ...recordOf(sub), user });
    return structuredClone(user);
  }

  return {
    items,
    // Rejects where it throws, as a call over the network does.
    upsert: async ({ sub, claims, issuedAt, tokenHash }, evidence, now) => {
      assertReadable(sub);
      const { user: known, erasure, signedOut } = recordOf(sub);
      const cutoffs = { erasure, signedOut };
      assertCurrent(evidence, cutoffs);
      if (known !== undefined && known.claimsIssuedAt > issuedAt) {
        return await Promise.resolve({ user: structuredClone(known), created: false, ...cutoffs });
      }
      const user = put(sub, {
        sub,
        claims: structuredClone(claims),
        attributes: known?.attributes ?? {},
        createdAt: known?.createdAt ?? now,
        updatedAt: now,
        ...(known?.userinfo && { userinfo: known.userinfo }),
        claimsIssuedAt: issuedAt,
        claimsTokenHash: tokenHash,
        version: (known?.version ?? 0) + 1,
      });
      return { user, created: known === undefined, ...cutoffs };
    },
    putAttributes: ({ sub, version }, attributes, now) => {
      const { user: known } = recordOf(sub);
      return Promise.resolve(
        known?.version === version && !locked.has(sub)
          ? put(sub, { ...known, attributes, updatedAt: now, version: version + 1 })
          : undefined,
      );
    },
    putUserinfo: ({ sub, version }, userinfo, now) => {
      const { user: known } = recordOf(sub);
      return Promise.resolve(
        known?.version === version && !locked.has(sub)
          ? put(sub, { ...known, userinfo, updatedAt: now, version: version + 1 })
          : undefined,
      );
    },
    signOut: ({ sub, version }, signedOut) => {
      const record = recordOf(sub);
      const isAsSeen = record.user?.version === version && !locked.has(sub);
      if (isAsSeen) {
        items.set(sub, { ...record, signedOut, user: { ...record.user, version: version + 1 } });
      }
      return Promise.resolve(isAsSeen);
    },
    find: async (sub) => {
      assertReadable(sub);
      return await Promise.resolve(structuredClone(recordOf(sub)));
    },
    begin: (sub, seen, erasure) => {
      const { user, erasure: last } = recordOf(sub);
      // Of the version alone, as the real one: an item that is there for a lock has none.
      const isThere = items.has(sub) || !locked.has(sub);
      const isSame = user?.version === seen.user?.version && last?.at === seen.erasure?.at;
      const isAsSeen = isThere && isSame;
      if (isAsSeen) {
        items.set(sub, { ...NOBODY, erasure });
      }
      return Promise.resolve(isAsSeen);
    },
    finish: (sub, erasure, revocation) => {
      const record = recordOf(sub);
      if (record.erasure?.at === erasure.at && !locked.has(sub)) {
        items.set(sub, { ...record, revocation });
      }
      return Promise.resolve();
    },
    mover: {
      find: (sub) =>
        Promise.resolve({ ...structuredClone(recordOf(sub)), isLocked: locked.has(sub) }),
      lock: (sub, { user: seen }) => {
        const { user } = recordOf(sub);
        const isAsSeen = seen === undefined ? !items.has(sub) : seen.version === user?.version;
        if (!isAsSeen || locked.has(sub)) {
          return Promise.resolve(false);
        }
        locked.add(sub);
        if (user !== undefined) {
          put(sub, { ...user, version: user.version + 1 });
        }
        return Promise.resolve(true);
      },
      merge: ({ user, movedFrom, cutoffs }, { user: seen }) => {
        const { sub } = user;
        const record = recordOf(sub);
        const isAsSeen =
          seen === undefined ? !items.has(sub) : seen.version === record.user?.version;
        if (!isAsSeen || locked.has(sub)) {
          return Promise.resolve(false);
        }
        items.set(sub, structuredClone({ ...record, ...cutoffs, user, movedFrom }));
        return Promise.resolve(true);
      },
      leave: (sub, erasure, movedTo) => {
        if (locked.delete(sub)) {
          items.set(sub, structuredClone({ ...NOBODY, erasure, revocation: "no_token", movedTo }));
        }
        return Promise.resolve();
      },
    },
  };
}
