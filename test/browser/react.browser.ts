/** `rollup-vault-client/react` as it is published, under strict mode, in Chromium. */
import type { BrowserContext, Page } from "playwright-core";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { SignedIn, SignedOut, VaultProvider } from "rollup-vault-client/react";
import { inChromium } from "./in-chromium";
import { bundleApp } from "./react-app";
import { type Chrome, FRONTEND, startChrome } from "./support";

jest.setTimeout(300_000);

/** An app whose component asks in its own effect, which React runs before that of the provider. */
const APP = `
import { StrictMode, useEffect, useState } from "react";
import { createVaultClient } from "rollup-vault-client";
import { SignedIn, SignedOut, SignInButton, useAccessToken, useUser, VaultProvider } from "rollup-vault-client/react";

const settings = await (await fetch("/settings.json")).json();
export const vault = createVaultClient({ ...settings, storage: new URLSearchParams(location.hash.slice(1)).get("storage") ?? "local" });
window.vault = vault;

function Early() {
  const [early, setEarly] = useState("");
  useEffect(() => {
    vault.accessToken().then(() => setEarly("a token"), (error) => setEarly(error.code));
  }, []);
  return <p data-early={early} />;
}

function Who() {
  const { state, user, error } = useUser();
  const { accessToken, error: tokenError } = useAccessToken();
  window.states = [...(window.states ?? []), state];
  const text = [state, user?.claims.name, error?.code, accessToken ? "token" : tokenError?.code].filter(Boolean).join(" ");
  return <><p role="status">{text}</p>{location.pathname === "/consent" && <Consent />}</>;
}

function Consent() {
  const { accessToken, error } = useAccessToken({ requiredScopes: ["email"] });
  return error?.missingScopes
    ? <SignInButton scopes={error.missingScopes}>Allow {error.missingScopes.join(" ")}</SignInButton>
    : <p>{accessToken ? "consented" : ""}</p>;
}

export function App() {
  return (
    <StrictMode>
      <VaultProvider vault={() => vault} onReturn={(to) => { window.returned = [...(window.returned ?? []), to]; }}>
        <Early />
        <Who />
        <SignedOut><SignInButton>Sign in</SignInButton></SignedOut>
        <SignedIn><button onClick={() => vault.signOut()}>Sign out</button></SignedIn>
      </VaultProvider>
    </StrictMode>
  );
}
`;

const MOUNT = `
import { createRoot } from "react-dom/client";
import { App } from "app";
createRoot(document.getElementById("app")).render(<App />);
`;

/** The same tree as the server's. */
const HYDRATE = `
import { createElement, StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { createVaultClient } from "rollup-vault-client";
import { SignedIn, SignedOut, VaultProvider } from "rollup-vault-client/react";
const settings = await (await fetch("/settings.json")).json();
const client = createVaultClient({ ...settings, storage: "local" });
const tree = createElement(StrictMode, null, createElement(VaultProvider, { vault: () => client },
  createElement("h1", null, "A page"), createElement(SignedIn, null, "Inside"), createElement(SignedOut, null, "Outside")));
hydrateRoot(document.getElementById("app"), tree, {
  onRecoverableError: (error) => console.error("recovered", error),
});
`;

const html = (script: string, body = "") =>
  [
    "text/html",
    `<!doctype html><meta charset="utf-8"><div id="app">${body}</div><script type="module" src="${script}"></script>`,
  ] as const;

function onServer(): string {
  const unused = () => {
    throw new Error("The server has made a client.");
  };
  const inside = [
    createElement("h1", { key: 1 }, "A page"),
    createElement(SignedIn, { key: 2 }, "Inside"),
    createElement(SignedOut, { key: 3 }, "Outside"),
  ];
  return renderToString(createElement(VaultProvider, { vault: unused }, inside));
}

interface Window {
  states: string[];
  returned?: string[];
}

inChromium("rollup-vault-client/react", () => {
  let chrome: Chrome;

  beforeAll(async () => {
    const [mount, hydrate] = await Promise.all([
      bundleApp(MOUNT, { app: APP }),
      bundleApp(HYDRATE),
    ]);
    chrome = await startChrome({}, ({ outputs: { apiUrl, clientId, issuer } }) => {
      const provider = {
        clientId,
        redirectUri: `${FRONTEND}/callback`,
        authorizationEndpoint: `${issuer}/authorize`,
      };
      return {
        "/mount.js": ["text/javascript", mount],
        "/hydrate.js": ["text/javascript", hydrate],
        "/settings.json": ["application/json", JSON.stringify({ apiUrl, provider })],
        "/rendered": html("/hydrate.js", onServer()),
        "/favicon.ico": ["image/x-icon", ""],
        "*": html("/mount.js"),
      };
    });
  });

  afterAll(async () => {
    await chrome.close();
  });

  async function open(context: BrowserContext, path = "/") {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    const requests: string[] = [];
    page.on("request", (request) => {
      if (request.url().startsWith(chrome.stack.outputs.apiUrl) && request.method() !== "OPTIONS") {
        requests.push(`${request.method()} ${new URL(request.url()).pathname}`);
      }
    });
    await page.goto(FRONTEND + path);
    return { page, complaints, requests };
  }

  const status = (page: Page, text: string) => page.getByRole("status").getByText(text).waitFor();

  async function signIn(page: Page, name: string): Promise<void> {
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel(/Who are you|Somebody else|another/i).fill(name);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await status(page, `signed-in ${name} token`);
  }

  test("signs in with one POST /sessions, no GET /me and one token, under strict mode", async () => {
    const context = await chrome.context();
    const { page, complaints, requests } = await open(context, "/some/page?x=1#h");
    await status(page, "signed-out");
    await signIn(page, "React Ada");
    expect(page.url()).toBe(`${FRONTEND}/some/page?x=1#h`);
    expect(requests).toEqual(["POST /sessions"]);
    expect(await page.evaluate(() => (window as unknown as Window).returned)).toEqual([
      `${FRONTEND}/some/page?x=1#h`,
    ]);
    // Who asked in an effect of its own has waited for the sign-in.
    expect(await page.locator("[data-early]").getAttribute("data-early")).toBe("a token");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("after a reload the first picture is right, and the user is asked for once", async () => {
    const context = await chrome.context();
    const { page, complaints, requests } = await open(context);
    await signIn(page, "React Reload");
    requests.length = 0;
    await page.reload();
    await status(page, "signed-in React Reload token");
    const states = await page.evaluate(() => (window as unknown as Window).states);
    // Before the first picture React renders once without an answer; never "signed-out".
    expect([...new Set(states)]).toEqual(["unknown", "signed-in"]);
    expect(requests.filter((route) => route === "GET /me")).toHaveLength(1);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("after Cancel one is back where one was, and it is told apart from signed out", async () => {
    const context = await chrome.context();
    const { page, complaints } = await open(context, "/orders?id=7");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: /Cancel/ }).click();
    await status(page, "signed-out sign_in_denied");
    expect(page.url()).toBe(`${FRONTEND}/orders?id=7`);
    await signIn(page, "React Again");
    expect(page.url()).toBe(`${FRONTEND}/orders?id=7`);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("an answer to a sign-in that did not begin here is told as such", async () => {
    const context = await chrome.context();
    const { page } = await open(context, "/callback?code=c&state=s");
    await status(page, "signed-out state_mismatch");
    await context.close();
  });

  test("a token for more than is granted: what is missing is told, and asked for by the button", async () => {
    const context = await chrome.context();
    const { page, complaints } = await open(context, "/consent");
    await signIn(page, "React Consent");
    await page.getByRole("button", { name: "Allow email" }).click();
    await page.getByLabel(/Who are you|Somebody else|another/i).fill("React Consent");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("consented").waitFor();
    // The 409 is no news to the developer's console but for the browser's own line.
    expect(complaints.filter((line) => !line.includes("409"))).toEqual([]);
    await context.close();
  });

  test("signing in and out in another tab is followed, and so is another person", async () => {
    const context = await chrome.context();
    const one = await open(context);
    const other = await open(context);
    await signIn(one.page, "React Tabs");
    await status(other.page, "signed-in React Tabs token");
    await one.page.evaluate(() => window.vault.signIn({ parameters: { user: "React Other" } }));
    await status(one.page, "signed-in React Other token");
    await status(other.page, "signed-in React Other token");
    await one.page.getByRole("button", { name: "Sign out" }).click();
    await other.page.getByText("signed-out", { exact: true }).waitFor();
    expect([...one.complaints, ...other.complaints]).toEqual([]);
    await context.close();
  });

  test("what a server has rendered is hydrated without a mismatch, signed in or not", async () => {
    const context = await chrome.context();
    const out = await open(context, "/rendered");
    await out.page.getByText("Outside").waitFor();
    const { page } = await open(context);
    await signIn(page, "React Server");
    const inside = await open(context, "/rendered");
    await inside.page.getByText("Inside").waitFor();
    expect([...out.complaints, ...inside.complaints]).toEqual([]);
    await context.close();
  });
});
