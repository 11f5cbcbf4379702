/** The frame around every view: header, navigation, notices, and the panels behind the scenes. */
import { h } from "./dom";
import { pageTop } from "./page-top";
import { createPersonMenu } from "./person-menu";
import type { Settings } from "./settings";
import type { User } from "./vault";

export interface Shell {
  readonly view: HTMLElement;
  /** @param current the view's id; undefined while signed out, when there is no navigation */
  readonly navigate: (current: string | undefined) => void;
  readonly person: (user: User | undefined) => void;
  readonly busy: (name: string | undefined) => void;
}

export interface Entry {
  readonly id: string;
  readonly title: string;
}

export interface Parts {
  readonly notices: HTMLElement;
  /** Beside the view. */
  readonly panels: readonly HTMLElement[];
  /** Below all, over the full width. */
  readonly diagram: HTMLElement;
  readonly signOut: (everywhere: boolean) => unknown;
}

export function createShell(
  { apiUrl, apiDocsUrl }: Settings,
  entries: readonly Entry[],
  parts: Parts,
): Shell {
  const view = h("div", { id: "view" });
  const bar = h("div", { class: "busy", "aria-hidden": "true" });
  const working = h("p", { class: "hidden", role: "status" });
  const main = h("main", { id: "main", tabindex: -1 }, view, parts.notices);
  const links = entries.map(({ id, title }) => h("a", { href: `#${id}` }, title));
  const nav = h("nav", { "aria-label": "Views" }, ...links);
  const menu = createPersonMenu(parts.signOut);
  const aside = h("aside", { "aria-label": "Behind the scenes" }, ...parts.panels);
  aside.hidden = parts.panels.length === 0;
  document.body.classList.add("starting");
  document.body.replaceChildren(
    ...pageTop(
      main,
      "local",
      [
        h("a", { href: "/operations", class: "wide" }, "Operations"),
        h("a", { href: apiDocsUrl }, "API docs"),
        h("a", { href: `${apiUrl}/openapi.json`, class: "wide" }, "openapi.json"),
      ],
      menu.elements,
    ),
    bar,
    working,
    h("div", { class: "frame" }, nav, main, aside, parts.diagram),
  );
  return {
    view,
    navigate: (current) => {
      document.body.classList.remove("starting");
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
    person: menu.of,
    busy: (name) => {
      bar.classList.toggle("on", name !== undefined);
      main.setAttribute("aria-busy", String(name !== undefined));
      working.textContent = name === undefined ? "" : `${name}…`;
    },
  };
}
