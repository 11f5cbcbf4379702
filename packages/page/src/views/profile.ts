import type { App } from "../app";
import { button, card, facts, h, show } from "../dom";
import { avatar, personOf } from "../person";
import type { User } from "../vault";
import { dateText } from "../words";
import { attributesEditor } from "./attributes";

export function profile(app: App): HTMLElement {
  const place = h("div", { class: "stack" });
  const draw = () => {
    const { user } = app;
    if (user !== undefined) {
      show(place, you(app, user, draw), attributesEditor(app, user, draw));
    }
  };
  draw();
  return place;
}

function you(app: App, user: User, draw: () => void): HTMLElement {
  const { sub, created_at: created, updated_at: updated } = user;
  const person = personOf(user);
  const { title } = app.settings.provider;
  const refresh = async () => {
    const fresh = await app.run(`Ask ${title} about you`, () => app.vault.user({ fresh: true }), {
      done: "Your profile is up to date.",
    });
    app.user = fresh ?? app.user;
    draw();
  };
  return card(
    "You",
    h(
      "div",
      { class: "person" },
      avatar(person),
      h("div", {}, h("p", { class: "name" }, person.name), h("p", { class: "soft" }, person.email)),
    ),
    facts({
      Identifier: h("code", {}, sub),
      "Here since": dateText(created),
      "Last change": `${dateText(updated)} (version ${String(user.version)})`,
    }),
    h("div", { class: "row" }, button(`Refresh from ${title}`, refresh, { id: "fresh" })),
  );
}
