/** The frame around every view: header, navigation, notices, and the panels behind the scenes. */
import { button, h } from "./dom";
import type { Settings } from "./settings";
import { chooseTheme, shownTheme } from "./theme-choice";

export interface Shell {
  readonly view: HTMLElement;
  /** @param current the view's id; undefined while signed out, when there is no navigation */
  readonly navigate: (current: string | undefined) => void;
  readonly busy: (name: string | undefined) => void;
}

export interface Entry {
  readonly id: string;
  readonly title: string;
}

export function createShell(
  settings: Settings,
  entries: readonly Entry[],
  parts: { readonly notices: HTMLElement; readonly panels: readonly HTMLElement[] },
): Shell {
  const view = h("div", { id: "view" });
  const bar = h("div", { class: "busy", "aria-hidden": "true" });
  const working = h("p", { class: "hidden", role: "status" });
  const main = h("main", { id: "main", tabindex: -1 }, parts.notices, view);
  const links = entries.map(({ id, title }) => h("a", { href: `#${id}` }, title));
  const nav = h("nav", { "aria-label": "Views" }, ...links);
  document.body.replaceChildren(
    h("a", { class: "skip", href: "#main", click: skip(main) }, "Skip to the content"),
    header(settings),
    bar,
    working,
    h(
      "div",
      { class: "frame" },
      nav,
      main,
      h("aside", { "aria-label": "Behind the scenes" }, ...parts.panels),
    ),
  );
  return {
    view,
    navigate: (current) => {
      document.body.classList.toggle("signed-out", current === undefined);
      nav.hidden = current === undefined;
      for (const link of links) {
        const isCurrent = link.hash === `#${current ?? ""}`;
        link.toggleAttribute("aria-current", isCurrent);
        if (isCurrent) {
          link.setAttribute("aria-current", "page");
        }
      }
    },
    busy: (name) => {
      bar.classList.toggle("on", name !== undefined);
      main.setAttribute("aria-busy", String(name !== undefined));
      working.textContent = name === undefined ? "" : `${name}…`;
    },
  };
}

function skip(main: HTMLElement): EventListener {
  return (event) => {
    // The address names the view, so the link must not change it.
    event.preventDefault();
    main.focus();
  };
}

function header({ apiUrl, apiDocsUrl }: Settings): HTMLElement {
  const toggle = button(
    "",
    () => {
      chooseTheme(shownTheme() === "dark" ? "light" : "dark");
      label();
    },
    { id: "theme", kind: "quiet" },
  );
  const label = () => {
    toggle.textContent = shownTheme() === "dark" ? "Light" : "Dark";
    toggle.setAttribute("aria-label", `${shownTheme() === "dark" ? "Light" : "Dark"} colours`);
  };
  label();
  return h(
    "header",
    {},
    h(
      "a",
      { class: "brand", href: "/" },
      h("span", { class: "mark", "aria-hidden": "true" }),
      "rollup-vault",
    ),
    h("span", { class: "badge idle" }, "local"),
    h("span", { class: "grow" }),
    h("a", { href: "/operations", class: "wide" }, "Operations"),
    h("a", { href: apiDocsUrl }, "API docs"),
    h("a", { href: `${apiUrl}/openapi.json`, class: "wide" }, "openapi.json"),
    toggle,
  );
}
