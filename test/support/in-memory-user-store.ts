import type { User } from "../../lambda/model";
import type { UserStore } from "../../lambda/ports";

/** What the users table promises: one conditional write, an older token never wins. */
export function createInMemoryUserStore(): UserStore & { readonly items: Map<string, User> } {
  const items = new Map<string, User>();

  return {
    items,
    upsert: ({ sub, claims, issuedAt }, now) => {
      const known = items.get(sub);
      if (known !== undefined && known.claimsIssuedAt > issuedAt) {
        return Promise.resolve({ user: structuredClone(known), created: false });
      }
      const user: User = {
        sub,
        claims: structuredClone(claims),
        attributes: known?.attributes ?? {},
        createdAt: known?.createdAt ?? now,
        updatedAt: now,
        claimsIssuedAt: issuedAt,
        version: (known?.version ?? 0) + 1,
      };
      items.set(sub, user);
      return Promise.resolve({ user: structuredClone(user), created: known === undefined });
    },
    putAttributes: (user, attributes, now) => {
      const known = items.get(user.sub);
      if (known?.version !== user.version) {
        return Promise.resolve(undefined);
      }
      const changed = { ...known, attributes, updatedAt: now, version: known.version + 1 };
      items.set(user.sub, changed);
      return Promise.resolve(structuredClone(changed));
    },
    find: (sub) => Promise.resolve(structuredClone(items.get(sub))),
  };
}
