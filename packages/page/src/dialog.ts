/** A modal question; Escape means no. The browser keeps the focus inside and restores it. */
import { button, h } from "./dom";

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  /** The user must type this word to confirm. */
  readonly word?: string;
}

export async function confirmation({ title, text, yes, word }: Question): Promise<boolean> {
  return await new Promise((resolve) => {
    const input = h("input", { id: "confirm-word", autocomplete: "off", autocapitalize: "none" });
    const problem = h("p", { class: "problem", id: "confirm-problem", "aria-live": "polite" });
    const end = (answer: boolean) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const agree = () => {
      if (word !== undefined && input.value.trim().toLowerCase() !== word) {
        problem.textContent = `Type “${word}” to go on.`;
        input.focus();
        return;
      }
      end(true);
    };
    const dialog = h(
      "dialog",
      {
        "aria-labelledby": "confirm-title",
        "aria-describedby": "confirm-text",
        cancel: () => {
          end(false);
        },
      },
      h("h2", { id: "confirm-title" }, title),
      h("p", { id: "confirm-text" }, text),
      word !== undefined && h("label", { for: "confirm-word" }, `Type “${word}” to confirm`),
      word !== undefined && input,
      word !== undefined && problem,
      h(
        "div",
        { class: "row end" },
        button(
          "Cancel",
          () => {
            end(false);
          },
          { id: "confirm-no" },
        ),
        button(yes, agree, { id: "confirm-yes", kind: "danger" }),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
