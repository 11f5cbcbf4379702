/** Light or dark: an icon that shows which of the two is on. */
import { h, s, show } from "./dom";
import { chooseTheme, shownTheme } from "./theme-choice";

const MOON = "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z";
const SUN =
  "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4";

export function themeButton(): HTMLButtonElement {
  const click = () => {
    chooseTheme(shownTheme() === "dark" ? "light" : "dark");
    draw();
  };
  // Its title is its name, too.
  const attributes = { type: "button", id: "theme", class: "quiet icon", title: "Dark colours" };
  const toggle = h("button", { ...attributes, click });
  const draw = () => {
    const isDark = shownTheme() === "dark";
    toggle.setAttribute("aria-pressed", String(isDark));
    const icon = { viewBox: "0 0 24 24", "aria-hidden": "true" };
    show(toggle, s("svg", icon, s("path", { d: isDark ? MOON : SUN })));
  };
  draw();
  return toggle;
}
