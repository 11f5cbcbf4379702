import type { App } from "../app";
import { button, card, h, show } from "../dom";
import { signOut } from "../sign-out";
import type { ListedSession } from "../vault";
import { dateText, relativeText } from "../words";

export function sessions(app: App): HTMLElement {
  const place = h(
    "div",
    { class: "stack" },
    h("p", { class: "loading" }, "Loading your sessions…"),
  );
  const load = async () => {
    const list = await app.run("List the sessions", () => app.vault.sessions());
    show(
      place,
      card(
        "Where you are signed in",
        list === undefined
          ? h("p", { class: "empty" }, "The list could not be read.")
          : h("ul", { class: "list" }, ...list.map(row)),
        h(
          "div",
          { class: "row" },
          button("Refresh", load, { id: "reload" }),
          button("Sign out here", () => signOut(app, false), { id: "sign-out-here" }),
          button("Sign out everywhere", () => signOut(app, true), {
            id: "sign-out-everywhere",
            kind: "danger",
          }),
        ),
      ),
    );
  };
  void load();
  return place;
}

function row(session: ListedSession): HTMLElement {
  const { user_agent: agent, created_at: created, last_seen_at: seen, expires_at: end } = session;
  return h(
    "li",
    {},
    h(
      "div",
      {},
      h("strong", {}, agent),
      session.current && h("span", { class: "badge good" }, "this one"),
    ),
    h(
      "p",
      { class: "soft" },
      `Signed in ${relativeText(created)} · seen ${relativeText(seen)} · ends ${dateText(end)}`,
    ),
  );
}
