/** The first view: how many, how the provider does, and who is looked for. */
import { button, h } from "@rollup-vault/page/dom";
import type { Desk } from "./desk";
import { actOnAll, ask, type Counts, type Provider, Refused } from "./wire";
import { moment, statusText } from "./words";

export async function overview(desk: Desk): Promise<readonly HTMLElement[]> {
  // The provider may take seconds to say nothing.
  const place = h("div", { "aria-live": "polite" }, h("p", { class: "soft" }, "Asking…"));
  void providerFacts().then((facts) => {
    place.replaceChildren(facts);
  });
  // What cannot be counted now is no reason not to find somebody.
  const counts = await ask<Counts>("counts").catch((error: unknown) => error as Error);
  if (counts instanceof Refused && counts.status === 401) {
    throw counts;
  }
  return [
    h(
      "section",
      { class: "card", "aria-labelledby": "search-title" },
      h("h2", { id: "search-title" }, "Find a user"),
      searchForm(),
    ),
    h(
      "section",
      { class: "card", "aria-labelledby": "counts-title" },
      h("h2", { id: "counts-title" }, "Users by the status of their grant"),
      counts instanceof Error ? h("p", { class: "problem" }, counts.message) : countList(counts),
      h("p", {}, h("a", { href: "#users/" }, "All users with a grant")),
    ),
    h(
      "section",
      { class: "card", "aria-labelledby": "provider-title" },
      h("h2", { id: "provider-title" }, "The provider"),
      place,
    ),
    ...(counts instanceof Error ? [] : [everybody(desk, counts.everybody_frozen)]),
  ];
}

function countList({ counts }: Counts): HTMLElement {
  return h(
    "ul",
    { class: "counts" },
    ...counts.map(({ status, count, is_all: isAll }) =>
      h(
        "li",
        {},
        h(
          "a",
          { href: `#users/${status}`, class: status },
          h("b", {}, `${isAll ? "" : "over "}${count.toLocaleString("en")}`),
          " ",
          h("span", {}, statusText(status)),
        ),
      ),
    ),
  );
}

export function searchForm(text = ""): HTMLElement {
  const input = h("input", { id: "search", type: "search", value: text, autocomplete: "off" });
  const submit = (event: Event) => {
    event.preventDefault();
    if (input.value.trim() !== "") {
      location.hash = `search/${encodeURIComponent(input.value.trim())}`;
    }
  };
  return h(
    "form",
    { role: "search", submit, class: "search" },
    h("label", { for: "search" }, "Subject, name or e-mail address"),
    h("div", { class: "row" }, input, h("button", { type: "submit", class: "primary" }, "Find")),
  );
}

async function providerFacts(): Promise<HTMLElement> {
  try {
    const { issuer, endpoints, sample } = await ask<Provider>("provider");
    const waiting = Object.entries(sample.waiting);
    return h(
      "dl",
      { class: "facts" },
      h("dt", {}, "Issuer"),
      h("dd", {}, issuer),
      ...endpoints.flatMap(({ name, status, duration_ms: ms, is_well: isWell }) => [
        h("dt", {}, name),
        h(
          "dd",
          {},
          h(
            "span",
            { class: `badge ${isWell ? "good" : "bad"}` },
            isWell ? "answers" : status === null ? "no answer" : `answers ${String(status)}`,
          ),
          ` ${String(ms)} ms, from this machine`,
        ),
      ]),
      h("dt", {}, `Of ${String(sample.looked)} users`),
      h(
        "dd",
        {},
        waiting.length === 0
          ? "none waits after a failed refresh"
          : `waiting after a failed refresh: ${waiting.map(([cause, count]) => `${String(count)} ${cause}`).join(", ")}`,
      ),
      h("dt", {}, "Last refresh"),
      h("dd", {}, moment(sample.last_refresh_at)),
    );
  } catch (error) {
    return h("p", { class: "problem" }, (error as Error).message);
  }
}

function everybody(desk: Desk, isFrozen: boolean): HTMLElement {
  const { stage } = desk.place;
  const action = isFrozen ? "unfreeze" : "freeze";
  const change = () =>
    desk.change({
      title: isFrozen ? "Unfreeze all users?" : "Freeze all users?",
      text: isFrozen
        ? "Access tokens are handed out again within seconds."
        : "No access token of any user is handed out, within seconds, until you undo it.",
      yes: isFrozen ? "Unfreeze all" : "Freeze all",
      word: stage,
      done: isFrozen ? "All users are unfrozen." : "All users are frozen.",
      work: (typed) => actOnAll(action, typed),
    });
  return h(
    "section",
    { class: `card ${isFrozen ? "alert" : ""}`, "aria-labelledby": "all-title" },
    h("h2", { id: "all-title" }, "Everybody"),
    h(
      "p",
      {},
      isFrozen
        ? "All users are frozen: no access token is handed out."
        : "Nobody is frozen by the switch for all.",
    ),
    h(
      "div",
      { class: "row" },
      button(isFrozen ? "Unfreeze all users" : "Freeze all users", change, {
        id: "freeze-all",
        kind: isFrozen ? "primary" : "danger",
      }),
    ),
  );
}
