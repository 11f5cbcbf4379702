import { assertCurrent } from "../../lambda/cutoff";
import type { User, UserRecord } from "../../lambda/model";
import type { UserEraser, UserStore } from "../../lambda/ports";

const NOBODY: UserRecord = { user: undefined, erasure: undefined, revocation: undefined };

/** What the users table promises: one conditional write, an older token never wins, a tombstone stays. */
export function createInMemoryUserStore(): UserStore &
  UserEraser & { readonly items: Map<string, UserRecord> } {
  const items = new Map<string, UserRecord>();
  const recordOf = (sub: string) => items.get(sub) ?? NOBODY;

  function put(sub: string, user: User): User {
    items.set(sub, { ...recordOf(sub), user });
    return structuredClone(user);
  }

  return {
    items,
    // Rejects where it throws, as a call over the network does.
    upsert: async ({ sub, claims, issuedAt, tokenHash }, evidence, now) => {
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
        known?.version === version
          ? put(sub, { ...known, attributes, updatedAt: now, version: version + 1 })
          : undefined,
      );
    },
    putUserinfo: ({ sub, version }, userinfo, now) => {
      const { user: known } = recordOf(sub);
      return Promise.resolve(
        known?.version === version
          ? put(sub, { ...known, userinfo, updatedAt: now, version: version + 1 })
          : undefined,
      );
    },
    signOut: ({ sub, version }, signedOut) => {
      const record = recordOf(sub);
      const isAsSeen = record.user?.version === version;
      if (isAsSeen) {
        items.set(sub, { ...record, signedOut, user: { ...record.user, version: version + 1 } });
      }
      return Promise.resolve(isAsSeen);
    },
    find: (sub) => Promise.resolve(structuredClone(recordOf(sub))),
    begin: (sub, seen, erasure) => {
      const { user, erasure: last } = recordOf(sub);
      const isAsSeen = user?.version === seen.user?.version && last?.at === seen.erasure?.at;
      if (isAsSeen) {
        items.set(sub, { ...NOBODY, erasure });
      }
      return Promise.resolve(isAsSeen);
    },
    finish: (sub, erasure, revocation) => {
      const record = recordOf(sub);
      if (record.erasure?.at === erasure.at) {
        items.set(sub, { ...record, revocation });
      }
      return Promise.resolve();
    },
  };
}
