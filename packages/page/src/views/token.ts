import type { App } from "../app";
import { button, card, facts, h, show } from "../dom";
import type { AccessToken } from "../vault";
import { clockText, dateText } from "../words";
import { callCards } from "./use-token";

/** Renewed with so much of its life left, but never earlier than a minute before its end. */
const RENEW_AT_PART = 0.25;
const RENEW_AT_SECONDS = 60;

/** The token's whole life as far as this page has seen it. */
interface Held {
  readonly token: AccessToken;
  readonly lifetime: number;
  renewals: number;
}

/** Kept over views, in memory only. */
let held: Held | undefined;
let revealed = false;

export function forgetToken(): void {
  held = undefined;
  revealed = false;
}

export function token(app: App): HTMLElement {
  const place = h("div", { class: "stack" });
  const draw = () => {
    show(place, tokenCard(app, get), ...callCards(app));
  };
  const get = async (why: string) => {
    const renewals = why === RENEW && held !== undefined ? held.renewals + 1 : 0;
    const fresh = await app.run(why, () => app.vault.accessToken({ minValidity: wanted() }));
    if (fresh !== undefined) {
      const isSame = fresh.access_token === held?.token.access_token;
      const lifetime = isSame && held !== undefined ? held.lifetime : secondsLeft(fresh);
      held = { token: fresh, lifetime, renewals };
    }
    draw();
  };
  draw();
  tick(place, get);
  return place;
}

const RENEW = "Renew the access token";

function wanted(): number {
  return held === undefined ? RENEW_AT_SECONDS : Math.ceil(renewAt(held));
}

function renewAt({ lifetime }: Held): number {
  return Math.min(RENEW_AT_SECONDS, lifetime * RENEW_AT_PART);
}

function secondsLeft({ expires_at: end }: AccessToken): number {
  return Math.max(0, (Date.parse(end) - Date.now()) / 1000);
}

/** Once a second, for as long as the view is shown. The ticking is not read out; renewing is. */
function tick(place: HTMLElement, get: (why: string) => Promise<void>): void {
  let isRenewing = false;
  const timer = setInterval(() => {
    if (!place.isConnected) {
      clearInterval(timer);
      return;
    }
    if (held === undefined) {
      return;
    }
    const left = secondsLeft(held.token);
    const clock = place.querySelector("[data-clock]");
    const bar = place.querySelector<HTMLProgressElement>("progress");
    if (clock !== null && bar !== null) {
      clock.textContent = left > 0 ? clockText(Math.floor(left)) : "run out";
      bar.value = left;
    }
    if (left <= renewAt(held) && !isRenewing) {
      isRenewing = true;
      void get(RENEW).finally(() => {
        isRenewing = false;
      });
    }
  }, 1_000);
}

function tokenCard(app: App, get: (why: string) => Promise<void>): HTMLElement {
  const ask = () => get("Get an access token");
  if (held === undefined) {
    return card(
      "Access token",
      h(
        "p",
        { class: "soft" },
        "What this app shows to Rollup ID's APIs on your behalf. It lives in this tab's memory only.",
      ),
      h(
        "div",
        { class: "row" },
        button("Get an access token", ask, { id: "get-token", kind: "primary" }),
      ),
    );
  }
  const { token: kept, lifetime, renewals } = held;
  const left = secondsLeft(kept);
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
      `It renews by itself ${String(Math.round(renewAt(held)))} s before it runs out. Renewed so far: ${String(renewals)}.`,
    ),
    tokenText(kept),
    facts({ Good: `until ${dateText(kept.expires_at)}`, Scopes: kept.scope ?? "none" }),
    h(
      "div",
      { class: "row" },
      button("Get it again", ask, { id: "get-token" }),
      button("Copy", () => copy(app, kept), { id: "copy-token", label: "Copy the access token" }),
    ),
  );
}

function tokenText({ access_token: text }: AccessToken): HTMLElement {
  const masked = `${text.slice(0, 6)}${"•".repeat(12)}${text.slice(-4)}`;
  const code = h("code", { class: "secret", id: "token-text" }, revealed ? text : masked);
  const toggle = button(
    revealed ? "Hide" : "Reveal",
    () => {
      revealed = !revealed;
      code.textContent = revealed ? text : masked;
      toggle.textContent = revealed ? "Hide" : "Reveal";
      toggle.setAttribute("aria-expanded", String(revealed));
    },
    { id: "reveal", label: "Access token in full" },
  );
  toggle.setAttribute("aria-expanded", String(revealed));
  toggle.removeAttribute("aria-label");
  toggle.setAttribute("aria-controls", "token-text");
  return h("div", { class: "secret-row" }, code, toggle);
}

async function copy(app: App, { access_token: text }: AccessToken): Promise<void> {
  await navigator.clipboard.writeText(text).then(
    () => {
      app.notices.say("Copied. Whoever has it can act for you until it runs out.");
    },
    () => {
      app.notices.say("This browser does not let the page copy.");
    },
  );
}
