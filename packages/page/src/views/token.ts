import type { App } from "../app";
import { button, card, facts, h, show } from "../dom";
import type { ShownToken, TokenState } from "../token-state";
import type { AccessToken } from "../vault";
import { clockText, secondText } from "../words";
import { callCards } from "./use-token";

/** Renewed at a quarter of its lifetime before its end, and at most a minute before it. */
const RENEW_AT_PART = 0.25;
const RENEW_AT_SECONDS = 60;
/** As `min_validity`: a new token, whatever the stored one has left. */
const NEW_ONE = 86_400;

export function token(app: App): HTMLElement {
  const place = h("div", { class: "stack" });
  const draw = () => {
    show(place, tokenCard(app, get), ...callCards(app));
  };
  const get = async (why: string) => {
    const { shown, wantsNew } = app.token;
    const renewals = why === RENEW && shown !== undefined ? shown.renewals + 1 : 0;
    const minValidity = wantsNew ? NEW_ONE : validityFor(shown);
    const errors: unknown[] = [];
    const onError = (error: unknown) => {
      errors.push(error);
      return false;
    };
    const fresh = await app.run(why, () => app.vault.accessToken({ minValidity }), { onError });
    if (fresh !== undefined) {
      const before = app.token.shown;
      const isSame = fresh.access_token === before?.token.access_token;
      const lifetime = isSame ? before.lifetime : secondsLeft(fresh);
      app.token.shown = { token: fresh, lifetime, renewals };
      app.token.wantsNew = false;
    } else if (errors.length > 0 && app.token.shown !== undefined) {
      app.token.shown = { ...app.token.shown, isStuck: true };
    }
    draw();
  };
  draw();
  tick(app, place, { get, draw });
  return place;
}

const GET = "Get an access token";
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

interface Ticking {
  readonly get: (why: string) => Promise<void>;
  readonly draw: () => void;
}

/** Once a second while the view is shown. Screen readers hear of a renewal, not of the seconds. */
function tick(app: App, place: HTMLElement, { get, draw }: Ticking): void {
  let isRenewing = false;
  const timer = setInterval(() => {
    if (!place.isConnected) {
      clearInterval(timer);
      return;
    }
    const { shown, wantsNew } = app.token;
    const left = shown === undefined ? 0 : secondsLeft(shown.token);
    const clock = place.querySelector("[data-clock]");
    const bar = place.querySelector<HTMLProgressElement>("progress");
    if (clock !== null && bar !== null) {
      clock.textContent = clockText(Math.floor(left));
      bar.value = left;
      if (left === 0) {
        draw();
      }
    }
    const isDue = shown === undefined ? wantsNew : left <= renewAt(shown) && !shown.isStuck;
    if (isDue && !isRenewing) {
      isRenewing = true;
      void get(shown === undefined ? GET : RENEW).finally(() => {
        isRenewing = false;
      });
    }
  }, 1_000);
}

function tokenCard(app: App, get: (why: string) => Promise<void>): HTMLElement {
  const ask = () => get(GET);
  const { shown } = app.token;
  if (shown === undefined) {
    const { title } = app.settings.provider;
    return card(
      "In this tab",
      h(
        "p",
        { class: "soft" },
        `What this app shows to ${title}'s APIs on your behalf. It lives in this tab's memory only.`,
      ),
      h("div", { class: "row" }, button(GET, ask, { id: "get-token", kind: "primary" })),
    );
  }
  return secondsLeft(shown.token) === 0 ? expired(shown, ask) : live(app, shown, ask);
}

function expired({ token: { expires_at: end }, isStuck }: ShownToken, ask: () => unknown) {
  return card(
    "In this tab",
    h("p", { class: "health" }, h("strong", { class: "badge bad" }, "Expired"), secondText(end)),
    h(
      "p",
      { class: "soft" },
      isStuck === true
        ? "It opens nothing any more, and could not be renewed."
        : "It opens nothing any more. A new one is on its way.",
    ),
    h(
      "div",
      { class: "row" },
      button("Refresh", ask, { id: "get-token", ...(isStuck && { kind: "primary" }) }),
    ),
  );
}

function live(app: App, shown: ShownToken, ask: () => unknown): HTMLElement {
  const { token: current, lifetime, renewals, isStuck } = shown;
  const left = secondsLeft(current);
  const when = `${String(Math.round(renewAt(shown)))} s before it expires`;
  return card(
    "In this tab",
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
      isStuck === true
        ? "It could not be renewed, and is good until it expires."
        : `It renews by itself ${when}. Renewed so far: ${String(renewals)}.`,
    ),
    tokenText(app.token, current),
    facts({ Valid: `until ${secondText(current.expires_at)}`, Scopes: current.scope ?? "none" }),
    h(
      "div",
      { class: "row" },
      button("Refresh", ask, { id: "get-token" }),
      button("Copy", () => copy(app, current), {
        id: "copy-token",
        label: "Copy the access token",
      }),
    ),
  );
}

function tokenText(state: TokenState, { access_token: text }: AccessToken): HTMLElement {
  const masked = `${text.slice(0, 6)}${"•".repeat(12)}${text.slice(-4)}`;
  const code = h("code", { class: "secret", id: "token-text" });
  const draw = () => {
    code.textContent = state.isRevealed ? text : masked;
    toggle.textContent = state.isRevealed ? "Hide" : "Reveal";
    toggle.setAttribute("aria-expanded", String(state.isRevealed));
  };
  const flip = () => {
    state.isRevealed = !state.isRevealed;
    draw();
  };
  const toggle = button("", flip, { id: "reveal" });
  toggle.setAttribute("aria-controls", "token-text");
  draw();
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
