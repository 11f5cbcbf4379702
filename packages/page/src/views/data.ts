import type { App } from "../app";
import { confirmation } from "../dialog";
import { button, card, h } from "../dom";

export function data(app: App): HTMLElement {
  return h("div", { class: "stack" }, exportCard(app), eraseCard(app));
}

function exportCard(app: App): HTMLElement {
  const download = async () => {
    const document = await app.run("Export your data", () => app.vault.exportData(), {
      done: "Your data is in your downloads.",
    });
    if (document !== undefined) {
      save("rollup-vault-export.json", JSON.stringify(document, undefined, 2));
    }
  };
  return card(
    "Export",
    h(
      "p",
      { class: "soft" },
      "All data about you, with its history, as one JSON file without secrets.",
    ),
    h("div", { class: "row" }, button("Export my data", download, { id: "export" })),
  );
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

function eraseCard(app: App): HTMLElement {
  const erase = async () => {
    const sure = await confirmation({
      title: "Erase everything?",
      yes: "Erase everything",
      word: "erase",
      text: "Your user, your connection and all your sessions are deleted for good. This cannot be undone.",
    });
    if (!sure) {
      return;
    }
    const receipt = await app.run("Erase everything", () => app.vault.erase());
    if (receipt !== undefined) {
      history.replaceState(null, "", "/");
      app.signedOut("Everything about you is erased. Thank you for having been here.");
    }
  };
  return card(
    "Erase",
    h(
      "p",
      { class: "soft" },
      "Deletes your user, your connection and all your sessions, for good.",
    ),
    h("div", { class: "row" }, button("Erase everything…", erase, { id: "erase", kind: "danger" })),
  );
}
