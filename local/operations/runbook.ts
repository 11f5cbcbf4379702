/** docs/runbook.md as a page, so that an alarm leads to its article on this machine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { marked } from "marked";

const FILE = join(__dirname, "..", "..", "docs", "runbook.md");

/** @returns HTML of the articles, each heading with the anchor that GitHub gives it */
export function runbookHtml(): string {
  const html = marked.parse(readFileSync(FILE, "utf8"), { async: false });
  return (
    html
      .replace(
        /<h([2-6])>(.*?)<\/h\1>/g,
        (_, level: string, text: string) => `<h${level} id="${anchorOf(text)}">${text}</h${level}>`,
      )
      // Other documents are in the repository, and not on this server.
      .replace(
        /<a href="(?!#|https?:)([^"#]+)[^"]*">(.*?)<\/a>/g,
        (_, file: string, text: string) => `${text} (<code>${join("docs", file)}</code>)`,
      )
  );
}

/** "Alarm ProviderDown" → `alarm-providerdown` */
function anchorOf(heading: string): string {
  return heading
    .replace(/<[^>]+>/g, "")
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
