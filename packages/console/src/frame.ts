/** The frame of a page for operators: the top of every page, a title, and what stays in view. */
import { type Child, h } from "@rollup-vault/page/dom";
import { pageTop } from "@rollup-vault/page/page-top";

export interface Frame {
  readonly title: string;
  /** Beside the brand. */
  readonly name: string;
  /** Beside the title. */
  readonly lead?: HTMLElement;
  readonly links: readonly HTMLElement[];
  /** Stays in view. */
  readonly banner?: HTMLElement;
  readonly content: readonly Child[];
}

export function frame({ title, name, lead, links, banner, content }: Frame): void {
  const main = h(
    "main",
    { id: "main", tabindex: -1 },
    h("div", { class: "title" }, h("h1", {}, title), lead),
    ...content,
  );
  document.body.replaceChildren(
    ...pageTop(main, name, links),
    ...(banner === undefined
      ? []
      : [h("section", { class: "banner", "aria-label": "Where this is" }, banner)]),
    main,
  );
}
