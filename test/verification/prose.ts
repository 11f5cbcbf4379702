/** Wraps generated Markdown at 100 columns; tables and lists stay. */

const WIDTH = 100;

/** Joins and wraps the paragraphs of a Markdown text; other blocks stay. */
export function wrapProse(markdown: string): string {
  return markdown
    .split("\n\n")
    .map((block) => (/^(?:[|#>-]|```|\d+\.)/.test(block) ? block : wrapParagraph(block)))
    .join("\n\n");
}

function wrapParagraph(paragraph: string): string {
  const lines: string[] = [];
  for (const word of paragraph.trim().split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.join("\n");
}
