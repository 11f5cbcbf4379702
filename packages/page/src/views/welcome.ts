import type { App } from "../app";
import { button, h } from "../dom";

export function welcome(app: App): HTMLElement {
  const { title } = app.settings.provider;
  return h(
    "section",
    { class: "welcome", "aria-labelledby": "view-title" },
    h("h1", { id: "view-title", tabindex: -1 }, "Sign in once. Stay connected."),
    h(
      "p",
      { class: "lead" },
      `This app signs you in with ${title} and keeps your connection safe, so that it never has to ask again.`,
    ),
    button(`Sign in with ${title}`, () => app.signIn(), { id: "sign-in", kind: "primary" }),
    h(
      "ul",
      { class: "promises" },
      promise("Sealed", "Your connection is encrypted, and never handed out."),
      promise("In your hands", "See who used it, disconnect, export, or erase it all at any time."),
      promise("Calm", `If ${title} is down for a while, nothing is lost and you stay signed in.`),
    ),
  );
}

function promise(title: string, text: string): HTMLElement {
  return h("li", {}, h("strong", {}, title), h("span", {}, text));
}
