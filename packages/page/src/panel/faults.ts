/** Breaks the local provider, to see what a user would see. Not part of an app. */
import { button, h, show } from "../dom";
import type { Faults } from "../settings";
import { type Choice, describe, isNormal, isOn, normal, OFFERS, type Programme } from "./offers";

export interface FaultsPanel {
  readonly element: HTMLElement;
  /** Reads again what is broken: an answer that was broken once is no longer. */
  readonly refresh: () => Promise<void>;
  /** Folded before somebody signs in: there is nothing to break yet. */
  readonly unfold: (isSignedIn: boolean) => void;
}

type Send = (programme?: Programme) => Promise<void>;

/** @param runOut lets the access token run out now */
export function faultsPanel(title: string, { url, kind }: Faults, runOut: () => void): FaultsPanel {
  const { faults, choices } = OFFERS[kind];
  const state = h("p", { class: "soft", role: "status" }, "");
  let current: Programme = {};
  const send: Send = async (programme) => {
    try {
      const method = programme === undefined ? "GET" : "POST";
      const body = programme && JSON.stringify(programme);
      current = (await (await fetch(url, { method, body })).json()) as Programme;
      draw();
    } catch {
      show(state, `The local ${title} cannot be reached.`);
    }
  };
  const back = () => (isNormal(current) ? undefined : send(normal(current, choices)));
  const reset = button("Back to normal", back, { id: "faults-reset" });
  const buttons = faults.map((fault) => {
    const toggle = () => send(isOn(fault, current) ? normal(current, choices) : fault.programme);
    const element = button("", toggle, { id: `fault-${fault.id}` });
    element.append(h("strong", {}, fault.name), h("span", {}, fault.says));
    return { fault, element };
  });
  const fields = choices.map((choice) => createField(choice, send));
  const now = button("Let it run out now", runOut, { id: "run-out" });
  const draw = () => {
    for (const { fault, element } of buttons) {
      element.setAttribute("aria-pressed", String(isOn(fault, current)));
    }
    for (const { select, member } of fields) {
      select.value = String(current[member]);
    }
    // Not `disabled`, which would lose the focus of who has just pressed it.
    reset.setAttribute("aria-disabled", String(isNormal(current)));
    // Said once: it is asked after every action.
    if (state.textContent !== describe(title, current)) {
      show(state, describe(title, current));
    }
  };
  void send();
  const fold = h(
    "details",
    { class: "card panel" },
    h("summary", {}, h("h2", { id: "faults-title" }, `Break ${title}`)),
    h(
      "div",
      { class: "stack" },
      h("p", { class: "soft" }, "Only on this machine: see what your users would see."),
      h(
        "div",
        { class: "faults", role: "group", "aria-label": "Faults" },
        ...buttons.map(({ element }) => element),
      ),
      h("div", { class: "row" }, reset, state),
      ...fields.map(({ field }) => field),
      h("div", { class: "row" }, now),
    ),
  );
  return {
    element: h("section", { "aria-labelledby": "faults-title" }, fold),
    refresh: send,
    unfold: (isSignedIn) => {
      fold.open = isSignedIn;
      now.hidden = !isSignedIn;
    },
  };
}

function createField({ id, label, says, member, options }: Choice, send: Send) {
  const hint = `${id}-says`;
  const change = () => {
    const { value } = select;
    const isJson = /^(?:\d+|null)$/.test(value);
    return send({ [member]: isJson ? (JSON.parse(value) as unknown) : value });
  };
  const select = h(
    "select",
    { id, "aria-describedby": hint, change: () => void change() },
    ...options.map(([value, text]) => h("option", { value }, text)),
  );
  const words = h(
    "div",
    {},
    h("label", { for: id }, label),
    h("p", { class: "soft", id: hint }, says),
  );
  return { select, member, field: h("div", { class: "field" }, words, select) };
}
