/** Uses the access token: at the provider's userinfo, and at the developer's own API if set. */
import type { App } from "../app";
import { button, card, h } from "../dom";
import { VaultError } from "../vault";

/** Characters of an answer that are shown. */
const MAX_SHOWN = 20_000;

interface Call {
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly verb: string;
  readonly fields?: readonly HTMLElement[];
  readonly done: string;
  /** @returns what is shown */
  readonly send: () => Promise<string>;
}

export function callCards(app: App): readonly HTMLElement[] {
  const { resourceUrl, provider } = app.settings;
  const { userinfoEndpoint } = provider;
  return [
    ...(userinfoEndpoint === undefined ? [] : [userinfoCard(app, userinfoEndpoint)]),
    ...(resourceUrl === undefined ? [] : [resourceCard(app, resourceUrl)]),
  ];
}

function userinfoCard(app: App, url: string): HTMLElement {
  const { title } = app.settings.provider;
  return callCard(app, {
    id: "call-userinfo",
    title: "Use it",
    verb: "Call userinfo",
    says: `Asks ${title}’s userinfo who you are. The client adds a valid access token.`,
    done: `${title} has answered.`,
    send: async () => {
      const response = await sendToProvider(app, url);
      if (!response.ok) {
        const [action, code] = ["retry", "unexpected_answer"] as const;
        throw new VaultError(`${title} answered ${String(response.status)}.`, { action, code });
      }
      return pretty(await response.text());
    },
  });
}

/** A provider elsewhere may keep pages of other origins out; a browser does not say so. */
async function sendToProvider({ vault, settings }: App, url: string): Promise<Response> {
  const { title, faults } = settings.provider;
  // Without an answer to this one it is the API that cannot be reached.
  await vault.accessToken();
  try {
    return await vault.fetch(url);
  } catch (error) {
    if (faults !== undefined || !(error instanceof VaultError) || error.code !== "network") {
      throw error;
    }
    const text = `${title} gave this page no answer. It may not let pages of this origin ask (CORS).`;
    const details = { action: "fix_request", code: "unexpected_answer", cause: error } as const;
    throw new VaultError(text, details);
  }
}

/** Shows each answer as it is: only the developer knows what is right there. */
function resourceCard(app: App, url: string): HTMLElement {
  const query = h("textarea", {
    id: "resource-query",
    rows: 3,
    spellcheck: "false",
    autocomplete: "off",
    placeholder: "{ profile { displayName } }",
  });
  const label = h("label", { for: "resource-query" }, "GraphQL query; without one it is a GET");
  return callCard(app, {
    id: "call-resource",
    title: "Use it on your own API",
    verb: "Call your API",
    says: `Sends the access token to ${url}.`,
    fields: [label, query],
    done: "Your API has answered.",
    send: async () => {
      const response = await app.vault.fetch(url, requestFor(query.value.trim()));
      return `${String(response.status)}\n${pretty(await response.text())}`;
    },
  });
}

function requestFor(query: string): RequestInit {
  return query === ""
    ? {}
    : {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
      };
}

function callCard(app: App, { id, title, says, verb, fields = [], done, send }: Call): HTMLElement {
  const answer = h("pre", {
    class: "answer",
    hidden: true,
    tabindex: 0,
    "aria-label": "The answer",
  });
  const call = async () => {
    const text = await app.run(`${verb} with the access token`, send, { done });
    if (text !== undefined) {
      answer.textContent = text;
      answer.hidden = false;
      answer.scrollIntoView({ block: "nearest" });
    }
  };
  return card(
    title,
    h("p", { class: "soft" }, says),
    ...fields,
    h("div", { class: "row" }, button(verb, call, { id })),
    answer,
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text.slice(0, MAX_SHOWN);
  }
}
