import type { App } from "../app";
import { button, card, facts, h, show } from "../dom";
import type { User } from "../vault";
import { bytesText, dateText } from "../words";

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
  const { claims, sub, created_at: created, updated_at: updated } = user;
  const name = textOf(claims["name"]) ?? "No name shared";
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
      h("span", { class: "avatar", "aria-hidden": "true" }, initialOf(name)),
      h(
        "div",
        {},
        h("p", { class: "name" }, name),
        h("p", { class: "soft" }, textOf(claims["email"]) ?? "No e-mail address known yet"),
      ),
    ),
    facts({
      Identifier: h("code", {}, sub),
      "Here since": dateText(created),
      "Last change": `${dateText(updated)} (version ${String(user.version)})`,
    }),
    h("div", { class: "row" }, button(`Ask ${title} again`, refresh, { id: "fresh" })),
  );
}

function attributesEditor(app: App, user: User, draw: () => void): HTMLElement {
  const text = JSON.stringify(user.attributes, undefined, 2);
  const problem = h("p", { id: "attributes-problem", class: "problem", "aria-live": "polite" });
  const size = h("span", { id: "attributes-size", class: "soft" }, bytesText(text));
  const editor = h("textarea", {
    id: "attributes",
    rows: 8,
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": "attributes-size attributes-problem",
    input: () => {
      size.textContent = bytesText(editor.value);
      judge(editor, problem);
    },
  });
  editor.value = text;
  const save = async () => {
    const wanted = judge(editor, problem);
    if (wanted === undefined) {
      editor.focus();
      return;
    }
    const change = { ...removed(user.attributes, wanted), ...wanted };
    const saved = await app.run(
      "Save attributes",
      () => app.vault.updateAttributes(change, { ifVersion: user.version }),
      { done: "Saved.", retries: false },
    );
    if (saved !== undefined) {
      app.user = saved;
      draw();
    }
  };
  const latest = async () => {
    app.user = (await app.run("Read your user", () => app.vault.user())) ?? app.user;
    draw();
  };
  return card(
    "Attributes",
    h(
      "p",
      { class: "soft" },
      `What this app knows about you, as JSON. ${app.settings.provider.title} never sees it.`,
    ),
    h("label", { for: "attributes", class: "hidden" }, "Attributes as a JSON object"),
    editor,
    problem,
    h(
      "div",
      { class: "row" },
      button("Save", save, { id: "save", kind: "primary" }),
      button("Load the latest", latest, { id: "latest" }),
      size,
    ),
  );
}

type Json = User["attributes"];

/** RFC 7396: a member is removed by a null. */
function removed(before: Json, after: Json): Json {
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return Object.fromEntries(gone.map((name) => [name, null]));
}

function judge(editor: HTMLTextAreaElement, problem: HTMLElement): Json | undefined {
  const [value, sentence] = parse(editor.value);
  problem.textContent = sentence;
  editor.setAttribute("aria-invalid", String(value === undefined));
  return value;
}

function parse(text: string): [Json | undefined, string] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? [value as Json, ""]
      : [undefined, "It must be one JSON object, in braces."];
  } catch {
    return [undefined, "This is not JSON yet."];
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function initialOf(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase();
}
