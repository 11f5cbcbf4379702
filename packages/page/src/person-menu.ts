/** Who is signed in, and the way out: always at the top right. */
import { button, h, show } from "./dom";
import { avatar, personOf } from "./person";
import type { User } from "./vault";

const ID = "person-menu";

export interface PersonMenu {
  readonly elements: readonly HTMLElement[];
  /** Undefined: nobody is signed in. */
  readonly of: (user: User | undefined) => void;
}

export function createPersonMenu(signOut: (everywhere: boolean) => unknown): PersonMenu {
  const opener = h("button", { type: "button", id: "person", class: "who quiet" });
  opener.setAttribute("popovertarget", ID);
  // The browser closes it on Escape and on a click elsewhere, and restores the focus.
  const menu = h("div", { id: ID, class: "menu", popover: "auto" });
  const closing = (work: () => unknown) => () => {
    menu.hidePopover();
    return work();
  };
  const close = closing(() => undefined);
  opener.hidden = true;
  return {
    elements: [opener, menu],
    of: (user) => {
      opener.hidden = user === undefined;
      if (user === undefined) {
        close();
        return;
      }
      const person = personOf(user);
      show(
        opener,
        avatar(person),
        h("span", { class: "called" }, person.name),
        h("span", { class: "hidden" }, ": your account"),
      );
      show(
        menu,
        h("p", { class: "name" }, person.name),
        h("p", { class: "soft" }, person.email),
        h("a", { href: "#profile", click: close }, "Your profile"),
        h("a", { href: "#sessions", click: close }, "Your sessions"),
        button(
          "Sign out",
          closing(() => signOut(false)),
          { id: "sign-out" },
        ),
        button(
          "Sign out everywhere",
          closing(() => signOut(true)),
        ),
      );
    },
  };
}
