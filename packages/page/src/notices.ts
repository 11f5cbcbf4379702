/** The one place for notices: results politely, errors at once, and a countdown to a retry. */
import type { Notices } from "./app";
import { button, h, show } from "./dom";
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
    element.classList.remove("on");
    show(polite);
    show(alert);
    show(countdown);
  };
  const open = (tone: string) => {
    element.classList.add("on");
    element.dataset["tone"] = tone;
  };
  const close = button("✕", clear, { kind: "quiet", label: "Close the notice" });
  close.classList.add("icon");
  const element = h("div", { class: "notices" }, polite, alert, countdown, close);
  return {
    element,
    clear,
    say: (text) => {
      clear();
      open("good");
      show(polite, h("p", {}, text));
    },
    error: async (error, mayRetry) => {
      clear();
      const { tone, title, text } = adviceFor(error, provider);
      open(tone);
      const words = h("div", {}, h("strong", {}, title), h("p", {}, text));
      const way =
        error.action === "sign_in" &&
        button(`Sign in with ${provider}`, signIn, { kind: "primary" });
      show(alert, h("div", { class: "notice" }, words, way));
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
