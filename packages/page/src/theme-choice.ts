/** Light, dark, or the system's. The page stores nothing else in this browser. */

export type Theme = "light" | "dark";

const KEY = "theme";

export function storedTheme(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : undefined;
  } catch {
    return undefined;
  }
}

export function shownTheme(): Theme {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return storedTheme() ?? (isDark ? "dark" : "light");
}

export function applyTheme(theme: Theme | undefined): void {
  if (theme !== undefined) {
    document.documentElement.dataset["theme"] = theme;
  }
}

export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
}
