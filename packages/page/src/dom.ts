/** Builds elements in one expression. Text stays text: nothing here parses HTML. */

export type Child = Node | string | undefined | false;

export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined | EventListener;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * Sets attributes by their names. A function is a listener for the event of that name; false and
 * undefined omit the attribute.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill<T extends Element>(
  element: T,
  attributes: Attributes,
  children: readonly Child[],
): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** Replaces the content and restores the focus, on the element with the same id. */
export function show(place: Element, ...children: readonly Child[]): void {
  const focused = place.contains(document.activeElement) ? document.activeElement?.id : undefined;
  place.replaceChildren(...children.filter((child) => child !== undefined && child !== false));
  if (focused !== undefined && focused !== "") {
    document.getElementById(focused)?.focus();
  }
}

export interface ButtonOptions {
  readonly id?: string;
  readonly kind?: "primary" | "danger" | "quiet";
  readonly label?: string;
}

export function button(
  text: string,
  onClick: () => unknown,
  { id, kind, label }: ButtonOptions = {},
): HTMLButtonElement {
  const attributes = { type: "button", id, class: kind, "aria-label": label };
  return h("button", { ...attributes, click: () => void onClick() }, text);
}

export function card(title: string, ...children: readonly Child[]): HTMLElement {
  const id = `card-${title.toLowerCase().replace(/\W+/g, "-")}`;
  return h(
    "section",
    { class: "card", "aria-labelledby": id },
    h("h2", { id }, title),
    ...children,
  );
}

/** A description list. */
export function facts(rows: Readonly<Record<string, Child>>): HTMLElement {
  const list = Object.entries(rows).map(([term, value]) =>
    h("div", {}, h("dt", {}, term), h("dd", {}, value)),
  );
  return h("dl", { class: "facts" }, ...list);
}
