/** The few forms of Markdown that the contract's descriptions have. */
import { type Child, h } from "../dom";

const MARKED = /(`[^`]+`|\*\*[^*]+\*\*)/;

export function inline(text: string): readonly Child[] {
  return text.split(MARKED).map((part) => {
    if (part.startsWith("`")) {
      return h("code", {}, part.slice(1, -1));
    }
    return part.startsWith("**") ? h("strong", {}, part.slice(2, -2)) : part;
  });
}

export function paragraphs(text: string): readonly HTMLElement[] {
  return text
    .split("\n\n")
    .filter((part) => part !== "")
    .map((part) => h("p", {}, ...inline(part)));
}
