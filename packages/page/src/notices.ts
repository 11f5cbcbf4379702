/** The place for notices: results politely, errors at once, and a countdown to a retry. */
import type { Notices } from "./app";
import { button, h, show } from "./dom";
import type { VaultError } from "./vault";
import { adviceFor } from "./words";

const DEFAULT_RETRY_SECONDS = 5;

export function createNotices(
  provider: string,
  signIn: () => void,
): Notices & { readonly element: HTMLElement } {
  const polite = h("div", { role: "status", class: "said" });
  const alert = h("div", { role: "alert" });
  const countdown = h("div", {});
  let settle: (again: boolean) => void = () => undefined;
  const clear = () => {
    settle(false);
    show(polite);
    show(alert);
    show(countdown);
  };
  return {
    element: h("div", { class: "notices" }, polite, alert, countdown),
    clear,
    say: (text) => {
      clear();
      show(polite, h("p", {}, text));
    },
    error: async (error, mayRetry) => {
      clear();
      show(alert, noticeOf(error, provider, signIn));
      if (error.action !== "retry" || !mayRetry) {
        return false;
      }
      const seconds = error.retryAfter ?? DEFAULT_RETRY_SECONDS;
      return await new Promise((resolve) => {
        const stop = countDown(countdown, seconds, () => {
          settle(true);
        });
        settle = (again) => {
          stop();
          resolve(again);
        };
      });
    },
  };
}

function noticeOf(error: VaultError, provider: string, signIn: () => void): HTMLElement {
  const { tone, title, text } = adviceFor(error, provider);
  const isSignIn = error.action === "sign_in";
  return h(
    "div",
    { class: `notice ${tone}` },
    h("div", {}, h("strong", {}, title), h("p", {}, text)),
    isSignIn && button(`Sign in with ${provider}`, signIn, { kind: "primary" }),
  );
}

/**
 * A screen reader hears the alert, not each second.
 * @returns a function that ends the countdown
 */
function countDown(place: HTMLElement, seconds: number, then: () => void): () => void {
  let left = Math.ceil(seconds);
  const text = h("span", {}, `Trying again in ${String(left)} s`);
  const now = button("Try again now", then, { id: "try-again" });
  show(place, h("div", { class: "retry" }, text, now));
  const timer = setInterval(() => {
    left -= 1;
    text.textContent = `Trying again in ${String(left)} s`;
    if (left <= 0) {
      then();
    }
  }, 1_000);
  return () => {
    clearInterval(timer);
  };
}
