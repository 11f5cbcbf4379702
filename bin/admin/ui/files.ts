/** The operator's screen itself. */
import {
  type BrowserFiles,
  bundled,
  consoleFiles,
  consolePage,
  PAGE,
  pageIcon,
} from "../../browser-files";

/** By path. @throws Error saying where the sources are wrong */
export function screenFiles(): BrowserFiles {
  return {
    ...consoleFiles("operator"),
    ...bundled(PAGE, { theme: "theme.ts" }),
    "/": consolePage("page.html", { name: "operator", title: "Operator" }),
    "/icon.svg": pageIcon(),
  };
}
