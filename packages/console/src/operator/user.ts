/** One user: what is stored, what the next request would do, what has happened, and what to do. */
import { button, h } from "@rollup-vault/page/dom";
import type { Desk } from "./desk";
import { act, type Action, ask, type OneUser } from "./wire";
import { moment, outcomeKind, outcomeText, statusBadge } from "./words";

export async function oneUser(desk: Desk, sub: string): Promise<readonly HTMLElement[]> {
  const user = await ask<OneUser>("user", { sub });
  return [
    h(
      "section",
      { class: "card", "aria-labelledby": "user-title" },
      h("h2", { id: "user-title" }, user.name ?? user.email ?? "A user without a name"),
      facts(sub, user),
    ),
    nextRequest(user),
    actions(desk, sub, user),
    timeline(user),
  ];
}

function facts(sub: string, { status, email }: OneUser): HTMLElement {
  const { refresh_token: grant, user } = status;
  const rows: readonly (readonly [string, Node | string | undefined])[] = [
    ["Subject", h("code", {}, sub)],
    ["E-mail", email ?? undefined],
    ["Record", user === null ? "none" : h("span", {}, "since ", moment(user.created_at))],
    [
      "Grant",
      h(
        "span",
        {},
        statusBadge(grant.status),
        grant.since === null ? "" : " since ",
        grant.since === null ? "" : moment(grant.since),
        grant.reason === null ? "" : `, ${grant.reason}`,
        grant.put_back ? ", put back" : "",
      ),
    ],
    ["Scopes", grant.scopes?.join(" ") ?? undefined],
    ["Last refresh", moment(grant.last_exchange_at)],
    ["Sessions", String(status.sessions)],
    ["Moved to", status.moved_to ?? undefined],
    [
      "Erased",
      status.erased_at === null
        ? undefined
        : h("span", {}, moment(status.erased_at), `, ${String(status.erasure)}`),
    ],
    ["Unreadable", status.unreadable.join(", ") || undefined],
  ];
  return h(
    "dl",
    { class: "facts" },
    ...rows
      .filter(([, value]) => value !== undefined)
      .flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

function nextRequest({ next }: OneUser): HTMLElement {
  const kind = next.status === 200 ? "good" : next.status === 503 ? "warn" : "bad";
  return h(
    "section",
    { class: "card", "aria-labelledby": "next-title" },
    h("h2", { id: "next-title" }, "What the next request for an access token would do"),
    h("p", {}, h("span", { class: `badge ${kind}` }, String(next.status)), ` ${next.says}`),
    h(
      "p",
      { class: "soft small" },
      h("code", {}, next.reason),
      next.until === null ? "" : ", until ",
      next.until === null ? "" : moment(next.until),
    ),
  );
}

function actions(desk: Desk, sub: string, user: OneUser): HTMLElement {
  const { stage } = desk.place;
  const name = user.name ?? user.email ?? sub;
  const isFrozen = user.status.refresh_token.status === "frozen";
  const offer = (action: Action, text: string, words: Omit<Offer, "action" | "text">) =>
    button(
      text,
      () =>
        desk.change({
          title: `${text} ${name}?`,
          text: words.says,
          yes: text,
          word: words.word,
          done: words.done,
          work: (confirm) => act({ action, sub, confirm }),
        }),
      { id: action, ...(action === "unfreeze" ? {} : { kind: "danger" as const }) },
    );
  return h(
    "section",
    { class: "card", "aria-labelledby": "act-title" },
    h("h2", { id: "act-title" }, "Act"),
    h(
      "div",
      { class: "row" },
      isFrozen
        ? offer("unfreeze", "Unfreeze", {
            word: stage,
            says: "Access tokens are handed out again.",
            done: `${name} is unfrozen.`,
          })
        : offer("freeze", "Freeze", {
            word: stage,
            says: "No access token leaves within seconds. Nothing is deleted; you can undo it.",
            done: `${name} is frozen.`,
          }),
      offer("disconnect", "Disconnect", {
        word: stage,
        says: "The refresh token is deleted. The user has to sign in again.",
        done: `${name} is disconnected.`,
      }),
      offer("erase", "Erase", {
        word: sub,
        says: "All data about this user is deleted for good. This cannot be undone.",
        done: `${name} is erased.`,
      }),
    ),
  );
}

interface Offer {
  readonly action: Action;
  readonly text: string;
  readonly says: string;
  readonly word: string;
  readonly done: string;
}

function timeline({ history }: OneUser): HTMLElement {
  return h(
    "section",
    { class: "card", "aria-labelledby": "history-title" },
    h("h2", { id: "history-title" }, "What has happened, newest first"),
    history.length === 0
      ? h("p", { class: "soft" }, "Nothing is kept.")
      : h(
          "ol",
          { class: "timeline" },
          ...history
            .toReversed()
            .map(({ at, outcome, by, gained = [], lost = [] }) =>
              h(
                "li",
                { class: outcomeKind(outcome) },
                h("b", {}, outcomeText(outcome)),
                h(
                  "span",
                  { class: "soft small" },
                  moment(at),
                  ` by ${by}`,
                  ...[...gained.map((one) => ` +${one}`), ...lost.map((one) => ` -${one}`)],
                ),
              ),
            ),
        ),
  );
}
