/** Times, statuses and outcomes in words. */
import { h } from "@rollup-vault/page/dom";

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** @param at RFC 3339 @returns in the browser's zone */
export function moment(at: string | null): HTMLElement | string {
  return at === null ? "–" : h("time", { datetime: at }, TIME.format(new Date(at)));
}

const STATUSES: Readonly<Record<string, readonly [text: string, kind: string]>> = {
  active: ["active", "good"],
  needs_sign_in: ["needs sign-in", "warn"],
  frozen: ["frozen", "bad"],
  disconnecting: ["disconnecting", "warn"],
  disconnected: ["disconnected", ""],
  none: ["no grant", ""],
};

export function statusText(status: string): string {
  return STATUSES[status]?.[0] ?? status;
}

export function statusBadge(status: string): HTMLElement {
  return h("span", { class: `badge ${STATUSES[status]?.[1] ?? ""}` }, statusText(status));
}

const OUTCOMES: Readonly<Record<string, readonly [text: string, kind: string]>> = {
  stored: ["Signed in: the refresh token was stored", "good"],
  exchanged: ["The provider gave new tokens", "good"],
  scope_changed: ["The provider named other scopes", "warn"],
  served: ["The kept access token was handed out", ""],
  refused: ["The provider refused the refresh token", "bad"],
  in_doubt: ["A refresh got no usable answer", "bad"],
  foreign_subject: ["The provider answered about somebody else", "bad"],
  failed: ["A refresh failed; nothing was lost", "warn"],
  disconnected: ["Disconnected: the refresh token was deleted", ""],
  frozen: ["Frozen by an operator", "bad"],
  unfrozen: ["Unfrozen by an operator", "good"],
};

export function outcomeText(outcome: string): string {
  return OUTCOMES[outcome]?.[0] ?? outcome;
}

export function outcomeKind(outcome: string): string {
  return OUTCOMES[outcome]?.[1] ?? "";
}
