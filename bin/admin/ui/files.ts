/** The operator's screen itself. */
import { type BrowserFiles, consoleFiles, consolePage, sharedFiles } from "../../browser-files";

/** By path. @throws Error saying where the sources are wrong */
export function screenFiles(): BrowserFiles {
  return {
    ...sharedFiles(),
    ...consoleFiles("operator"),
    "/": consolePage("page.html", { name: "operator", title: "Operator" }),
  };
}
