/**
 * The sign-in page: plain HTML forms, so that it works by keyboard, with a screen reader and
 * without any script.
 */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { STYLE } from "./sign-in-page-style";

export interface SignInPage {
  /** The provider's name. */
  readonly title: string;
  /** As it is registered. */
  readonly app: string;
  /** The redirect URI's host: the same app may be at several places. */
  readonly host: string;
  /** Of the authorization request: every form sends it on. */
  readonly query: URLSearchParams;
  readonly names: readonly string[];
  /** What the app gets to know. */
  readonly shares: readonly string[];
}

export interface Page {
  readonly status: number;
  readonly html: string;
  /** URLs that its forms may end at, by way of a redirect. @default nowhere */
  readonly mayLeadTo?: readonly string[];
}

/** The latest ones; other names are typed. */
const MAX_PEOPLE_SHOWN = 6;
/** Colours that the style has for people. */
const COLOURS = 6;

/** The parameter of the button that takes a name off the list. */
const REMOVE = "remove";

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

export function signInPage({ title, app, host, query, names, shares }: SignInPage): string {
  const people = names
    .slice(-MAX_PEOPLE_SHOWN)
    .toReversed()
    .map(
      (name) =>
        `<li><button name="user" value="${escapeHtml(name)}"><span aria-hidden="true" class="c${String(colourOf(name))}">${escapeHtml(initial(name))}</span>${escapeHtml(name)}</button><button name="${REMOVE}" value="${escapeHtml(name)}" aria-label="Take ${escapeHtml(name)} off this list" title="Take off this list" class="remove">✕</button></li>`,
    )
    .join("");
  const shared = shares.map((words) => `<li>${escapeHtml(words)}</li>`).join("");
  return page(
    { title, heading: `Sign in with ${title}` },
    `<p>to go on to <strong>${escapeHtml(app)}</strong> at ${escapeHtml(host)}</p>
<h2>What it gets to know</h2><ul class="scopes">${shared}</ul>
${people === "" ? "" : `<h2 id="people">Choose a person</h2><form>${hidden(query)}<ul class="people">${people}</ul></form>`}
<form>${hidden(query)}
<label for="user">${people === "" ? "Who are you?" : "Or as somebody else"}</label>
<div class="row"><input id="user" name="user" required maxlength="100" autocomplete="off" ${people === "" ? "autofocus" : ""} placeholder="Any name"><button class="primary">Sign in</button></div>
</form>
<form>${hidden(query)}<button name="decision" value="deny" class="quiet">Cancel and go back</button></form>`,
  );
}

/** Whom the page's own button takes off its list. */
export function nameToRemove(query: URLSearchParams): string | undefined {
  return query.get(REMOVE) ?? undefined;
}

/** The same page, at its list, and nothing that a reload would do again. */
export function showAgain(path: string, query: URLSearchParams, response: ServerResponse): void {
  const rest = new URLSearchParams([...query].filter(([name]) => name !== REMOVE));
  const location = `${path}?${rest.toString()}#people`;
  response.writeHead(303, { location, "cache-control": "no-store" }).end();
}

/** No script runs, nothing is loaded, no page may frame it. */
export function sendPage(response: ServerResponse, { status, html, mayLeadTo }: Page): void {
  const targets =
    mayLeadTo === undefined ? "'none'" : ["'self'", ...sourcesOf(mayLeadTo)].join(" ");
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  response.end(html);
}

/** A browser may judge the redirect after a form by `form-action` too. */
function sourcesOf(urls: readonly string[]): readonly string[] {
  const sources = urls.map((url) => {
    const { origin, protocol } = new URL(url);
    return origin === "null" ? protocol : origin;
  });
  return [...new Set(sources)];
}

export function errorPage(title: string, fault: string): string {
  return page({ title, heading: "This can’t go on" }, `<p role="alert">${escapeHtml(fault)}</p>`);
}

function hidden(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => !["user", "decision", REMOVE].includes(name))
    .map(
      ([name, value]) =>
        `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join("");
}

/** The same for the same name; people with the same initial are told apart by it. */
function colourOf(name: string): number {
  const sum = Buffer.from(name).reduce((total, byte) => total + byte, 0);
  return sum % COLOURS;
}

function initial(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase();
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

interface Names {
  readonly title: string;
  readonly heading: string;
}

function page({ title, heading }: Names, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(heading)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="brand"><span aria-hidden="true">◆</span> ${escapeHtml(title)} <small>local</small></p>
<h1>${escapeHtml(heading)}</h1>
${main}
</main>
<footer>A local stand-in for development. Nothing leaves this machine.</footer>
</body>
</html>`;
}
