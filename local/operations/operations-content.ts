/** What the page's origin serves of Operations, and what it may be told. */
import { consoleFiles, consolePage } from "../../bin/browser-files";
import type { PageContent } from "../page/page-server";
import { ARTICLES } from "./operations";
import { runbookHtml } from "./runbook";
import type { Watch } from "./watch";

/** Minutes that graphs may show. The last is what the dashboard in AWS begins with. */
const WINDOWS = [15, 60, 480];

export function operationsContent({
  operations,
  neighbours,
}: Watch): Pick<PageContent, "files" | "documents" | "changes"> {
  return {
    files: {
      ...consoleFiles("operations"),
      "/operations": consolePage("page.html", { name: "operations", title: "Operations" }),
      [ARTICLES]: consolePage("runbook.html", { articles: runbookHtml() }),
    },
    documents: {
      "/local/operations": (query) => {
        const minutes = Number(query.get("minutes"));
        return operations.read(WINDOWS.includes(minutes) ? minutes : 15);
      },
      "/local/neighbours": () => neighbours.read(),
    },
    changes: { "/local/neighbours": neighbours.change },
  };
}
