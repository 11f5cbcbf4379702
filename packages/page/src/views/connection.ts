import type { App } from "../app";
import { confirmation } from "../dialog";
import { button, card, facts, h, show } from "../dom";
import { toldOf } from "../history";
import type { Connection } from "../vault";
import { dateText, relativeText, statusText } from "../words";

export function connection(app: App): HTMLElement {
  const { title } = app.settings.provider;
  const place = h(
    "div",
    { class: "stack" },
    h("p", { class: "loading" }, "Loading your connection…"),
  );
  const load = async () => {
    const grant = await app.run("Read the connection", () => app.vault.connection());
    if (grant === undefined) {
      show(place, card(`Connection to ${title}`, h("p", {}, "It could not be read."), again()));
      return;
    }
    show(place, health(app, grant, load), timeline(grant, title));
  };
  const again = () => button("Refresh", load, { id: "reload" });
  void load();
  return place;
}

function health(app: App, grant: Connection, load: () => Promise<void>): HTMLElement {
  const { title, opens } = app.settings.provider;
  const [word, tone, says] = statusText(grant.status, title);
  const disconnect = async () => {
    const sure = await confirmation({
      title: `Disconnect from ${title}?`,
      text: "The connection is deleted. You stay signed in here; to connect again, sign in once more.",
      yes: "Disconnect",
    });
    if (sure) {
      const done = { done: "Disconnected. The connection is deleted." };
      await app.run("Disconnect", () => app.vault.disconnect(), { ...done, retries: false });
      await load();
    }
  };
  return card(
    `Connection to ${title}`,
    h("p", { class: "health" }, h("span", { class: `badge ${tone}` }, word), says),
    facts({
      Since: dateText(grant.since),
      "Last asked":
        grant.last_exchange_at === null ? "never" : relativeText(grant.last_exchange_at),
      Granted: grantedText(grant.scopes, opens),
      ...(grant.reason !== null && { Reason: grant.reason.replaceAll("_", " ") }),
    }),
    h(
      "div",
      { class: "row" },
      button("Refresh", load, { id: "reload" }),
      grant.status === "active"
        ? button("Disconnect", disconnect, { id: "disconnect", kind: "danger" })
        : button("Sign in again", () => app.signIn(), { id: "reconnect", kind: "primary" }),
    ),
  );
}

function grantedText(
  scopes: Connection["scopes"],
  opens: Readonly<Record<string, string>>,
): string {
  const words = scopes?.map((name) => (opens[name] ? `${name} (${opens[name]})` : name));
  return words?.join("; ") ?? "not known";
}

function timeline({ history }: Connection, provider: string): HTMLElement {
  if (history.length === 0) {
    return card("History", h("p", { class: "empty" }, "Nothing has happened yet."));
  }
  const entries = toldOf(history, provider).map(({ word, tone, times, who, at }) =>
    h(
      "li",
      { class: tone },
      h("strong", {}, word, times > 1 && ` · ${String(times)} times`),
      h(
        "span",
        { class: "soft" },
        `${who.join("; ")} · `,
        h("time", { datetime: at, title: dateText(at) }, relativeText(at)),
      ),
    ),
  );
  return card("History", h("ol", { class: "timeline", "aria-label": "Newest first" }, ...entries));
}
