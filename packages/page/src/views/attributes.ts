/** The user's attributes, edited as JSON or by name and value. */
import type { App } from "../app";
import {
  type Attributes,
  changeTo,
  readRows,
  readText,
  type Row,
  rowsOf,
  textOf,
} from "../attributes-text";
import { button, card, h, show } from "../dom";
import type { User } from "../vault";
import { bytesText } from "../words";

type Json = User["attributes"];

/** Lines that are shown at once. */
const [FEWEST, MOST] = [3, 16];

interface Editor {
  readonly elements: readonly HTMLElement[];
  /** @returns undefined, once it has told what is wrong */
  readonly read: () => Attributes | undefined;
  readonly set: (attributes: Attributes) => void;
}

type Tell = (read: Attributes | string) => Attributes | undefined;

export function attributesEditor(app: App, user: User, draw: () => void): HTMLElement {
  const problem = h("p", { id: "attributes-problem", class: "problem", "aria-live": "polite" });
  const size = h("span", { id: "attributes-size", class: "soft" });
  const tell: Tell = (read) => {
    const isWrong = typeof read === "string";
    problem.textContent = isWrong ? read : "";
    place.querySelector("textarea")?.setAttribute("aria-invalid", String(isWrong));
    size.textContent = isWrong ? "" : bytesText(JSON.stringify(read));
    return isWrong ? undefined : read;
  };
  const place = h("div", { class: "stack" });
  const editors = { json: jsonEditor(tell), rows: rowsEditor(tell) };
  let mode: keyof typeof editors = "json";
  const use = (next: typeof mode, attributes: Attributes) => {
    mode = next;
    editors[next].set(attributes);
    show(place, ...editors[next].elements);
    other.textContent = next === "json" ? "Edit as fields" : "Edit as JSON";
    tell(attributes);
  };
  const flip = () => {
    const attributes = editors[mode].read();
    if (attributes !== undefined) {
      use(mode === "json" ? "rows" : "json", attributes);
    }
  };
  const other = button("", flip, { id: "attributes-mode" });
  use("json", user.attributes);
  const read = () => editors[mode].read();
  return card(
    "Attributes",
    h(
      "p",
      { class: "soft" },
      `What this app knows about you. ${app.settings.provider.title} never sees it.`,
    ),
    place,
    problem,
    h("div", { class: "row" }, ...actions(app, user, { draw, read }), other, size),
  );
}

interface Means {
  readonly draw: () => void;
  readonly read: Editor["read"];
}

function actions(app: App, user: User, { draw, read }: Means): readonly HTMLElement[] {
  const save = async () => {
    const wanted = read();
    if (wanted === undefined) {
      document.getElementById("attributes")?.focus();
      return;
    }
    const change = changeTo(user.attributes, wanted) as Json;
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
  return [
    button("Save", save, { id: "save", kind: "primary" }),
    button("Refresh attributes", latest, { id: "latest" }),
  ];
}

function jsonEditor(tell: Tell): Editor {
  const fit = () => {
    area.rows = Math.min(MOST, Math.max(FEWEST, area.value.split("\n").length));
  };
  const read = () => tell(readText(area.value));
  const area = h("textarea", {
    id: "attributes",
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": "attributes-size attributes-problem",
    input: () => {
      fit();
      read();
    },
  });
  const set = (attributes: Attributes) => {
    area.value = textOf(attributes);
    fit();
  };
  const format = () => {
    const attributes = read();
    if (attributes !== undefined) {
      set(attributes);
    }
  };
  const label = h("label", { for: "attributes", class: "hidden" }, "Attributes as a JSON object");
  const means = h("div", { class: "row" }, button("Format", format, { id: "format" }));
  return { elements: [label, area, means], read, set };
}

function rowsEditor(tell: Tell): Editor {
  const list = h("div", { class: "pairs", role: "group", "aria-label": "Attributes, one a row" });
  const read = () =>
    tell(
      readRows(
        [...list.children].map((row): Row => {
          const [name, value] = [...row.querySelectorAll("input")].map((input) => input.value);
          return [name ?? "", value ?? ""];
        }),
      ),
    );
  const add = ([name, value]: Row) => {
    const field = (label: string, text: string) => {
      const input = h("input", { "aria-label": label, autocomplete: "off", input: read });
      input.value = text;
      return input;
    };
    const remove = () => {
      row.remove();
      read();
      more.focus();
    };
    const gone = button("✕", remove, { kind: "quiet", label: `Remove ${name || "this row"}` });
    gone.classList.add("icon");
    const row = h("div", { class: "pair" }, field("Name", name), field("Value", value), gone);
    list.append(row);
    return row;
  };
  const more = button("Add a field", () => {
    add(["", ""]).querySelector("input")?.focus();
  });
  const set = (attributes: Attributes) => {
    show(list);
    const rows = rowsOf(attributes);
    (rows.length === 0 ? [["", ""] as const] : rows).forEach(add);
  };
  return { elements: [list, h("div", { class: "row" }, more)], read, set };
}
