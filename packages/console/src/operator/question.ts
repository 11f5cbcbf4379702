/** A change has to be typed; Escape means no. The browser keeps the focus, and restores it. */
import { button, h } from "@rollup-vault/page/dom";

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  /** To be typed, letter by letter. */
  readonly word: string;
  /** Where that would happen. */
  readonly place: string;
}

/** @returns what was typed; undefined: no */
export async function askToType(question: Question): Promise<string | undefined> {
  const { title, text, yes, word, place } = question;
  return await new Promise((resolve) => {
    const input = h("input", { id: "typed", autocomplete: "off", autocapitalize: "none" });
    input.spellcheck = false;
    const problem = h("p", { class: "problem", role: "alert" });
    const end = (answer: string | undefined) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const agree = (event: Event) => {
      event.preventDefault();
      if (input.value.trim() === word) {
        end(word);
        return;
      }
      problem.textContent = "That is not it. Nothing was changed.";
      input.focus();
    };
    const no = () => {
      end(undefined);
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "question", "aria-describedby": "question-text", cancel: no },
      h(
        "form",
        { submit: agree },
        h("h2", { id: "question" }, title),
        h("p", { id: "question-text" }, text),
        h("p", { class: "soft small" }, place),
        h("label", { for: "typed" }, "Type ", h("b", {}, word), " to confirm"),
        input,
        problem,
        h(
          "div",
          { class: "row end" },
          button("Cancel", no, { id: "no" }),
          h("button", { type: "submit", class: "danger", id: "yes" }, yes),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
