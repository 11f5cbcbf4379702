import type { App } from "../app";
import { button, card, facts, h, show } from "../dom";
import type { ShownToken, TokenState } from "../token-state";
import type { AccessToken } from "../vault";
import { clockText, dateText } from "../words";
import { callCards } from "./use-token";

/** Renewed at a quarter of its lifetime before its end, and at most a minute before it. */
const RENEW_AT_PART = 0.25;
const RENEW_AT_SECONDS = 60;

export function token(app: App): HTMLElement {
  const place = h("div", { class: "stack" });
  const draw = () => {
    show(place, tokenCard(app, get), ...callCards(app));
  };
  const get = async (why: string) => {
    const { shown } = app.token;
    const renewals = why === RENEW && shown !== undefined ? shown.renewals + 1 : 0;
    const minValidity = validityFor(shown);
    const fresh = await app.run(why, () => app.vault.accessToken({ minValidity }));
    if (fresh !== undefined) {
      const before = app.token.shown;
      const isSame = fresh.access_token === before?.token.access_token;
      const lifetime = isSame ? before.lifetime : secondsLeft(fresh);
      app.token.shown = { token: fresh, lifetime, renewals };
    }
    draw();
  };
  draw();
  tick(app, place, get);
  return place;
}

const RENEW = "Renew the access token";

function validityFor(shown: ShownToken | undefined): number {
  return shown === undefined ? RENEW_AT_SECONDS : Math.ceil(renewAt(shown));
}

/** Seconds before its end. */
function renewAt({ lifetime }: ShownToken): number {
  return Math.min(RENEW_AT_SECONDS, lifetime * RENEW_AT_PART);
}

function secondsLeft({ expires_at: end }: AccessToken): number {
  return Math.max(0, (Date.parse(end) - Date.now()) / 1000);
}

/** Once a second while the view is shown. Screen readers hear of a renewal, not of the seconds. */
function tick(app: App, place: HTMLElement, get: (why: string) => Promise<void>): void {
  let isRenewing = false;
  const timer = setInterval(() => {
    if (!place.isConnected) {
      clearInterval(timer);
      return;
    }
    const { shown } = app.token;
    if (shown === undefined) {
      return;
    }
    const left = secondsLeft(shown.token);
    const clock = place.querySelector("[data-clock]");
    const bar = place.querySelector<HTMLProgressElement>("progress");
    if (clock !== null && bar !== null) {
      clock.textContent = left > 0 ? clockText(Math.floor(left)) : "expired";
      bar.value = left;
    }
    if (left <= renewAt(shown) && !isRenewing) {
      isRenewing = true;
      void get(RENEW).finally(() => {
        isRenewing = false;
      });
    }
  }, 1_000);
}

function tokenCard(app: App, get: (why: string) => Promise<void>): HTMLElement {
  const ask = () => get("Get an access token");
  const { shown } = app.token;
  if (shown === undefined) {
    return card(
      "Access token",
      h(
        "p",
        { class: "soft" },
        `What this app shows to ${app.settings.provider.title}'s APIs on your behalf. It lives in this tab's memory only.`,
      ),
      h(
        "div",
        { class: "row" },
        button("Get an access token", ask, { id: "get-token", kind: "primary" }),
      ),
    );
  }
  const { token: current, lifetime, renewals } = shown;
  const left = secondsLeft(current);
  return card(
    "Access token",
    h(
      "div",
      { class: "countdown" },
      h("span", { "data-clock": true, "aria-hidden": "true" }, clockText(Math.floor(left))),
      h("progress", {
        max: lifetime,
        value: left,
        "aria-label": "Time that the access token has left",
      }),
    ),
    h(
      "p",
      { class: "soft" },
      `It renews by itself ${String(Math.round(renewAt(shown)))} s before it expires. Renewed so far: ${String(renewals)}.`,
    ),
    tokenText(app.token, current),
    facts({ Valid: `until ${dateText(current.expires_at)}`, Scopes: current.scope ?? "none" }),
    h(
      "div",
      { class: "row" },
      button("Get it again", ask, { id: "get-token" }),
      button("Copy", () => copy(app, current), {
        id: "copy-token",
        label: "Copy the access token",
      }),
    ),
  );
}

function tokenText(state: TokenState, { access_token: text }: AccessToken): HTMLElement {
  const masked = `${text.slice(0, 6)}${"•".repeat(12)}${text.slice(-4)}`;
  const code = h("code", { class: "secret", id: "token-text" }, state.isRevealed ? text : masked);
  const toggle = button(
    state.isRevealed ? "Hide" : "Reveal",
    () => {
      state.isRevealed = !state.isRevealed;
      code.textContent = state.isRevealed ? text : masked;
      toggle.textContent = state.isRevealed ? "Hide" : "Reveal";
      toggle.setAttribute("aria-expanded", String(state.isRevealed));
    },
    { id: "reveal", label: "Access token in full" },
  );
  toggle.setAttribute("aria-expanded", String(state.isRevealed));
  toggle.removeAttribute("aria-label");
  toggle.setAttribute("aria-controls", "token-text");
  return h("div", { class: "secret-row" }, code, toggle);
}

async function copy(app: App, { access_token: text }: AccessToken): Promise<void> {
  await navigator.clipboard.writeText(text).then(
    () => {
      app.notices.say("Copied. It lets any program act for you until it expires.");
    },
    () => {
      app.notices.say("This browser does not let the page copy.");
    },
  );
}
