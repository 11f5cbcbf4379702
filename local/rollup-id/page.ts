/** The sign-in page: plain HTML forms, so that it works by keyboard, with a screen reader and without any script. */

export interface SignInPage {
  /** Of the authorization request: every form sends it on. */
  readonly query: URLSearchParams;
  readonly names: readonly string[];
  readonly scopes: readonly string[];
}

const WHAT_A_SCOPE_SHARES: Readonly<Record<string, string>> = {
  openid: "who you are, as an identifier",
  profile: "your name and picture",
  email: "one of your e-mail addresses",
  connected_accounts: "your connected accounts",
  erc_4337: "your smart-contract wallets",
};

export function signInPage({ query, names, scopes }: SignInPage): string {
  const app = new URL(query.get("redirect_uri") ?? "http://localhost").host;
  const people = names
    .map(
      (name) =>
        `<li><button name="user" value="${escapeHtml(name)}"><span aria-hidden="true">${escapeHtml(initial(name))}</span>${escapeHtml(name)}</button></li>`,
    )
    .join("");
  const shared = scopes
    .map((scope) => `<li>${escapeHtml(WHAT_A_SCOPE_SHARES[scope] ?? scope)}</li>`)
    .join("");
  return page(
    "Sign in with Rollup ID",
    `<p>to go on to <strong>${escapeHtml(app)}</strong></p>
${people === "" ? "" : `<h2>Choose a person</h2><form>${hidden(query)}<ul class="people">${people}</ul></form>`}
<form>${hidden(query)}
<label for="user">${people === "" ? "Who are you?" : "Somebody else"}</label>
<div class="row"><input id="user" name="user" required maxlength="100" autocomplete="off" ${people === "" ? "autofocus" : ""} placeholder="A name"><button class="primary">Sign in</button></div>
</form>
<h2>This shares</h2><ul class="scopes">${shared}</ul>
<form>${hidden(query)}<button name="decision" value="deny" class="quiet">Don’t sign in</button></form>`,
  );
}

export function errorPage(fault: string): string {
  return page("This can’t go on", `<p role="alert">${escapeHtml(fault)}</p>`);
}

function hidden(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== "user" && name !== "decision")
    .map(
      ([name, value]) =>
        `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join("");
}

function initial(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase();
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="brand"><span aria-hidden="true">◆</span> Rollup ID <small>local</small></p>
<h1>${escapeHtml(title)}</h1>
${main}
</main>
<footer>A local stand-in for development. Nothing leaves this machine.</footer>
</body>
</html>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b29; --soft: #5a5a70; --line: #d5d5e2; --paper: #fff; --ground: #f3f3f9; --accent: #5546d6; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f0f7; --soft: #b0b0c4; --line: #45455c; --paper: #20202e; --ground: #14141d; --accent: #a9a0ff; --on-accent: #14141d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1rem; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 2rem; background: var(--paper); border: 1px solid var(--line); border-radius: 1rem; }
.brand { margin: 0 0 1.5rem; font-weight: 600; } .brand span { color: var(--accent); } .brand small { color: var(--soft); font-weight: 400; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; } h2 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
ul { margin: 0; padding: 0; list-style: none; } .scopes { padding-left: 1.25rem; list-style: disc; color: var(--soft); }
label { display: block; margin: 1.25rem 0 .5rem; font-weight: 600; }
.row { display: flex; gap: .5rem; }
input, button { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .9rem; background: transparent; }
input { flex: 1; min-width: 0; } button { cursor: pointer; }
.people button { display: flex; align-items: center; gap: .75rem; width: 100%; margin-bottom: .5rem; text-align: left; overflow-wrap: anywhere; }
.people button span { flex: none; display: grid; place-items: center; width: 2rem; height: 2rem; border-radius: 50%; background: var(--accent); color: var(--on-accent); font-weight: 600; }
button:hover { border-color: var(--accent); } .primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.quiet { margin-top: 1.5rem; width: 100%; border-color: transparent; color: var(--soft); text-decoration: underline; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
footer { color: var(--soft); font-size: .875rem; }
`;
