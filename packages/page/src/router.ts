/** Which view is shown: what the address says, or the welcome where nobody is signed in. */
import type { App } from "./app";
import { h, show } from "./dom";
import type { Shell } from "./shell";
import { forgetToken } from "./views/token";
import { VIEWS } from "./views/views";
import { welcome } from "./views/welcome";

export interface Router {
  readonly go: (view: string) => void;
  /** Somebody is signed in now. */
  readonly open: () => void;
  readonly signedOut: () => void;
}

export function createRouter(shell: Shell, app: () => App): Router {
  const draw = () => {
    const wanted = location.hash.slice(1);
    const view = VIEWS.find(({ id }) => id === wanted) ?? VIEWS[0];
    if (view === undefined) {
      return;
    }
    document.title = `${view.title} · rollup-vault`;
    shell.navigate(view.id);
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
    open: draw,
    signedOut: () => {
      forgetToken();
      document.title = "rollup-vault";
      shell.navigate(undefined);
      const hadFocus = shell.view.contains(document.activeElement);
      show(shell.view, welcome(app()));
      if (hadFocus) {
        focusTitle();
      }
    },
  };
}

/** Where a screen reader goes on reading after the view has changed. */
function focusTitle(): void {
  document.getElementById("view-title")?.focus();
}
