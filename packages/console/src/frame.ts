/** The frame of a page for operators: header, title, and the choice of colours. */
import { button, type Child, h } from "@rollup-vault/page/dom";
import { chooseTheme, shownTheme } from "@rollup-vault/page/theme-choice";

export interface Frame {
  readonly title: string;
  /** Beside the title. */
  readonly lead?: HTMLElement;
  readonly links: readonly HTMLElement[];
  /** Stays in view. */
  readonly banner?: HTMLElement;
  readonly content: readonly Child[];
}

export function frame({ title, lead, links, banner, content }: Frame): void {
  const main = h(
    "main",
    { id: "main", tabindex: -1 },
    h("div", { class: "title" }, h("h1", {}, title), lead),
    ...content,
  );
  const skip = (event: Event) => {
    event.preventDefault();
    main.focus();
  };
  document.body.replaceChildren(
    h("a", { class: "skip", href: "#main", click: skip }, "Skip to the content"),
    h(
      "header",
      {},
      h(
        "span",
        { class: "brand" },
        h("span", { class: "mark", "aria-hidden": "true" }),
        "rollup-vault",
      ),
      h("span", { class: "grow" }),
      ...links,
      themeToggle(),
    ),
    ...(banner === undefined
      ? []
      : [h("section", { class: "banner", "aria-label": "Where this is" }, banner)]),
    main,
  );
}

function themeToggle(): HTMLElement {
  const toggle = button(
    "",
    () => {
      chooseTheme(shownTheme() === "dark" ? "light" : "dark");
      label();
    },
    { id: "theme", kind: "quiet" },
  );
  const label = () => {
    const other = shownTheme() === "dark" ? "Light" : "Dark";
    toggle.textContent = other;
    toggle.setAttribute("aria-label", `${other} colours`);
  };
  label();
  return toggle;
}
