/** Above every page: the way past it, the brand, links, and the choice of colours. */
import { h } from "./dom";
import { themeButton } from "./theme-button";

/** @param name beside the brand, where there is room for it */
export function pageTop(
  main: HTMLElement,
  name: string,
  links: readonly HTMLElement[],
  menu: readonly HTMLElement[] = [],
): readonly HTMLElement[] {
  const skip = (event: Event) => {
    // The address may name the view, so the link must not change it.
    event.preventDefault();
    main.focus();
  };
  return [
    h("a", { class: "skip", href: "#main", click: skip }, "Skip to the content"),
    h(
      "header",
      {},
      h(
        "a",
        { class: "brand", href: "/" },
        h("span", { class: "mark", "aria-hidden": "true" }),
        "rollup-vault",
      ),
      h("span", { class: "badge wide" }, name),
      h("span", { class: "grow" }),
      ...links,
      themeButton(),
      ...menu,
    ),
  ];
}
