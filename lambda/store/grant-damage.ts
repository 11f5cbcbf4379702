/**
 * A grant of which something cannot be read. It is as good as one that needs a sign-in: whether its refresh token is still good nobody can say, and the
 * next sign-in, disconnect, freeze or erasure writes a whole item over it. What keeps others out (`frozenAt`, `erasure`, `signedOut`) is taken for there where it
 * cannot be read; what can be read of the refresh token is kept for revoking it.
 */
import { randomInt } from "node:crypto";
import type { Grant, GrantStatus } from "../grant/grant";
import type { Cutoff, EpochMs } from "../model";
import { fingerprint } from "./seen";

type Item = Readonly<Record<string, unknown>>;

/** Every write of a grant changes one of these. */
export const GRANT_SEEN = ["schemaVersion", "revision", "writeId", "grantId", "status", "since"];

/** What each attribute is by itself; one that is not there cannot be read. */
export type Readable = {
  readonly [Name in Exclude<keyof Grant, "sub" | "revision">]?: Grant[Name];
};

export interface DamagedItem {
  readonly item: Item;
  readonly sub: string;
  readonly readable: Readable;
  readonly unreadable: readonly string[];
}

export function toDamagedGrant({ item, sub, readable, unreadable }: DamagedItem): Grant {
  const since = readable.since ?? 0;
  const { lastExchangeAt, refreshToken, movedTo, movedFrom } = readable;
  const erasure = cutoffOf(item, readable, { name: "erasure", since });
  const signedOut = cutoffOf(item, readable, { name: "signedOut", since });
  const frozenAt = readable.frozenAt ?? (item["frozenAt"] === undefined ? undefined : since);
  const status = readable.status ?? "needs_sign_in";
  return {
    sub,
    grantId: readable.grantId ?? "",
    revision: fingerprint(item, GRANT_SEEN),
    ...ending(status, { erasure, refreshToken }),
    since,
    inbox: readable.inbox ?? [],
    ...(lastExchangeAt !== undefined && { lastExchangeAt }),
    ...(frozenAt !== undefined && { frozenAt }),
    ...(erasure && { erasure }),
    ...(signedOut && { signedOut }),
    ...(movedTo && { movedTo }),
    ...(movedFrom && { movedFrom }),
    history: readable.history ?? [],
    unreadable,
  };
}

/** Of a begun disconnect something may be left to do; anything else waits for a sign-in. */
function ending(
  status: GrantStatus,
  { erasure, refreshToken }: Pick<Grant, "erasure" | "refreshToken">,
) {
  const reason = erasure === undefined ? "disconnected" : "erased";
  const secret = refreshToken && { refreshToken };
  switch (status) {
    case "disconnecting":
      return { status, reason, ...secret } as const;
    case "disconnected":
      return { status, reason } as const;
    case "active":
    case "needs_sign_in":
      return { status: "needs_sign_in", reason: "in_doubt", ...secret } as const;
  }
}

/** One that is there and cannot be read is as old as the grant at most: it was written with it or before. */
function cutoffOf(
  item: Item,
  readable: Readable,
  { name, since }: { readonly name: "erasure" | "signedOut"; readonly since: EpochMs },
): Cutoff | undefined {
  return readable[name] ?? (item[name] === undefined ? undefined : { at: since, tokenHashes: [] });
}

/** Of the write over it: no revision that any holder can still have in hand. */
export function revisionAfter({ revision }: Item): number {
  return typeof revision === "number" && Number.isSafeInteger(revision) && revision > 0
    ? revision + 1
    : randomInt(2 ** 40, 2 ** 41);
}
