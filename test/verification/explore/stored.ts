/** The refresh tokens in the row and in the queue, opened. */
import { type Grant, newestRefreshToken } from "../../../lambda/grant/grant";
import type { RecoveryTask } from "../../../lambda/ports/queues";
import { isLive, readToken, type RefreshToken } from "./provider";
import { openSealed } from "./sealing";
import type { State } from "./state";

const storedTokens = new WeakMap<Grant, { readonly token: RefreshToken | undefined }>();

/** Undefined if the row has none, or if it does not open under the row's own context. */
export function storedToken(row: Grant | undefined): RefreshToken | undefined {
  const known = row && storedTokens.get(row);
  if (row === undefined || known !== undefined) {
    return known?.token;
  }
  const token = openStored(row);
  storedTokens.set(row, { token });
  return token;
}

function openStored(row: Grant): RefreshToken | undefined {
  const newest = newestRefreshToken(row);
  if (newest === undefined) {
    return undefined;
  }
  const { sub, grantId } = row;
  const context = { sub, grantId, gen: newest.gen, purpose: "refresh_token" } as const;
  const text = openSealed(newest.ciphertext, context);
  return text === undefined ? undefined : readToken(text);
}

/** Whether the stored token, in the row or in the queue, would serve a later caller. */
export function isUsable({ provider, row, queue, callers }: State): boolean {
  const token = storedToken(row);
  const inWork = callers.flatMap(({ message }) => (message === undefined ? [] : [message]));
  return (
    (token !== undefined && isLive(provider, token)) ||
    [...queue, ...inWork].some(({ task }) => {
      const spilled = spilledToken(task);
      return (
        spilled !== undefined &&
        task.kind === "spill" &&
        task.grantId === row?.grantId &&
        isLive(provider, spilled)
      );
    })
  );
}

export function spilledToken(task: RecoveryTask): RefreshToken | undefined {
  if (task.kind !== "spill") {
    return undefined;
  }
  const { sub, grantId, refreshToken } = task;
  const { gen, ciphertext } = refreshToken;
  const text = openSealed(ciphertext, { sub, grantId, gen, purpose: "refresh_token" });
  return text === undefined ? undefined : readToken(text);
}
