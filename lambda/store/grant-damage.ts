/**
 * A grant with unreadable attributes. It counts as one that needs a sign-in, since its refresh
 * token may be spent; the next sign-in, disconnect, freeze or erasure overwrites the whole item.
 * Unreadable marks that keep callers out (`frozenAt`, `erasure`, `signedOut`) count as set. A
 * readable refresh token is kept, so that it can be revoked.
 */
import { randomInt } from "node:crypto";
import type { Grant, GrantStatus } from "../grant/grant";
import type { Cutoff, EpochMs } from "../model";
import { fingerprint } from "./seen";

type Item = Readonly<Record<string, unknown>>;

/** Attributes of which every write of a grant changes at least one. */
export const GRANT_SEEN = ["schemaVersion", "revision", "writeId", "grantId", "status", "since"];

/** What each attribute is by itself; one that is not there cannot be read. */
type Readable = {
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

/** A disconnect that has begun may be left to finish; any other damaged grant needs a sign-in. */
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
      // No write leaves a secret in a tombstone; one that is there is still to be revoked.
      return secret === undefined
        ? ({ status, reason } as const)
        : ({ status: "disconnecting", reason, ...secret } as const);
    case "active":
    case "needs_sign_in":
      return { status: "needs_sign_in", reason: "in_doubt", ...secret } as const;
  }
}

/** An unreadable cutoff is at most as old as the grant: it was written with it or before. */
function cutoffOf(
  item: Item,
  readable: Readable,
  { name, since }: { readonly name: "erasure" | "signedOut"; readonly since: EpochMs },
): Cutoff | undefined {
  return readable[name] ?? (item[name] === undefined ? undefined : { at: since, tokenHashes: [] });
}

/** A revision for the write over a damaged item that no lease holder can have seen. */
export function revisionAfter({ revision }: Item): number {
  return typeof revision === "number" && Number.isSafeInteger(revision) && revision > 0
    ? revision + 1
    : randomInt(2 ** 40, 2 ** 41);
}
