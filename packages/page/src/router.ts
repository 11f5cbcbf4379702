/** Which view is shown: the one in the address, or the welcome after a sign-out. */
import type { App } from "./app";
import { h, show } from "./dom";
import type { Shell } from "./shell";
import { createTokenState } from "./token-state";
import { VIEWS } from "./views/views";
import { welcome } from "./views/welcome";

export interface Router {
  readonly go: (view: string) => void;
  /** A user has signed in. */
  readonly open: () => void;
  readonly signedOut: () => void;
}

/** @param onPerson told whether somebody is signed in */
export function createRouter(
  shell: Shell,
  app: () => App,
  onPerson: (isSignedIn: boolean) => void = () => undefined,
): Router {
  const draw = () => {
    const wanted = location.hash.slice(1);
    const view = VIEWS.find(({ id }) => id === wanted) ?? VIEWS[0];
    if (view === undefined) {
      return;
    }
    document.title = `${view.title} · rollup-vault`;
    shell.navigate(view.id);
    shell.person(app().user);
    show(shell.view, h("h1", { id: "view-title", tabindex: -1 }, view.title), view.create(app()));
  };
  addEventListener("hashchange", () => {
    if (app().user !== undefined) {
      app().notices.clear();
      draw();
      focusTitle();
    }
  });
  return {
    go: (view) => {
      location.hash = view;
    },
    open: () => {
      onPerson(true);
      draw();
    },
    signedOut: () => {
      app().token = createTokenState();
      document.title = "rollup-vault";
      shell.navigate(undefined);
      shell.person(undefined);
      onPerson(false);
      const hadFocus = shell.view.contains(document.activeElement);
      show(shell.view, welcome(app()));
      if (hadFocus) {
        focusTitle();
      }
    },
  };
}

/** A screen reader continues here after a change of views. */
function focusTitle(): void {
  document.getElementById("view-title")?.focus();
}
