/** The recipes for pages and apps, as they stand but for the addresses, against the local run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { inChromium } from "./in-chromium";
import { bundleApp } from "./react-app";
import { type Chrome, type Files, FRONTEND, startChrome } from "./support";

jest.setTimeout(300_000);

const EXAMPLES = join(__dirname, "..", "..", "examples");

const REACT = `
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./examples/react/app.tsx";
createRoot(document.getElementById("app")).render(<StrictMode><App /></StrictMode>);
`;

const NEXT = `
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ClientAccount } from "./examples/next/client-account.tsx";
createRoot(document.getElementById("app")).render(<StrictMode><ClientAccount /></StrictMode>);
`;

/** What the app's screens do with the recipe for React Native: an app is started by a link. */
const NATIVE = `
import { createAppVault, onSignedIn } from "./examples/react-native/vault.ts";
const storage = {
  getItem: async (key) => localStorage.getItem(key),
  setItem: async (key, value) => localStorage.setItem(key, value),
  removeItem: async (key) => localStorage.removeItem(key),
};
const vault = createAppVault(storage);
const show = (text) => { document.getElementById("app").textContent = text; };
window.vault = vault;
window.signIn = () => vault.signIn();
vault.onChange((state) => state === "signed-out" && show("Nobody is here."));
onSignedIn(vault, (user) => show("Hello, " + user.claims.name), (error) => show(error.code));
`;

/** The system: links lead out of the app, and the link that opens the app starts it anew. */
const LINKING = `
export const Linking = {
  openURL: async (url) => { location.assign(url); },
  addEventListener: () => ({ remove() {} }),
  getInitialURL: async () => location.href,
};
`;

const ROUTER = `
const router = { replace: (to) => history.replaceState(null, "", to) };
export const useRouter = () => router;
`;

const html = (script: string) =>
  [
    "text/html",
    `<!doctype html><meta charset="utf-8"><div id="app"></div><script type="module" src="${script}"></script>`,
  ] as const;

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel(/Who are you|Somebody else|another/i).fill(name);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

inChromium("the recipes", () => {
  let chrome: Chrome;
  let files: Record<string, Files[string]>;

  beforeAll(async () => {
    files = {};
    chrome = await startChrome({}, async ({ outputs }) => await fill(outputs));
  });

  async function fill({ apiUrl, clientId, issuer }: Chrome["stack"]["outputs"]): Promise<Files> {
    const authorizationEndpoint = `${issuer}/authorize`;
    const addressed = (text: string) =>
      text
        .replace('"https://api.example"', JSON.stringify(apiUrl))
        .replace('"…"', JSON.stringify(clientId))
        .replace('"https://app.example/callback"', JSON.stringify(`${FRONTEND}/callback`))
        .replace('"https://id.example/authorize"', JSON.stringify(authorizationEndpoint));
    const [react, native] = await Promise.all([
      bundleApp(REACT, {}, { "react/vault.ts": addressed }),
      bundleApp(NATIVE, { "react-native": LINKING }, { "react-native/vault.ts": addressed }),
    ]);
    const settings = { apiUrl, clientId, authorizationEndpoint };
    Object.assign(files, {
      "/app.js": ["text/javascript", readFileSync(join(EXAMPLES, "plain-html", "app.js"), "utf8")],
      "/settings.json": ["application/json", JSON.stringify(settings)],
      "/react.app.js": ["text/javascript", react],
      "/native.app.js": ["text/javascript", native],
    });
    return files;
  }

  afterAll(async () => {
    await chrome.close();
  });

  const PLAIN = () =>
    ["text/html", readFileSync(join(EXAMPLES, "plain-html", "index.html"), "utf8")] as const;

  test("plain HTML: signs in, greets, survives a reload and signs out", async () => {
    files["*"] = PLAIN();
    const context = await chrome.context();
    const page = await context.newPage();
    await page.goto(`${FRONTEND}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await signIn(page, "Plain Ada");
    await page.getByText("Hello, Plain Ada").waitFor();
    expect(page.url()).toBe(`${FRONTEND}/`);
    await page.reload();
    await page.getByText("Hello, Plain Ada").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("Nobody is here.").waitFor();
    await context.close();
  });

  test("plain HTML: a no is told, and so is an answer to a sign-in of others", async () => {
    files["*"] = PLAIN();
    const context = await chrome.context();
    const page = await context.newPage();
    await page.goto(`${FRONTEND}/orders?id=7`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: /Cancel/ }).click();
    await page.getByText("You did not sign in.").waitFor();
    expect(page.url()).toBe(`${FRONTEND}/orders?id=7`);
    await page.goto(`${FRONTEND}/callback?code=c&state=s`);
    await page.getByText("That sign-in did not begin here.").waitFor();
    await context.close();
  });

  test("React: says no apart from signed out, signs in, has a token, and signs out", async () => {
    files["*"] = html("/react.app.js");
    const context = await chrome.context();
    const page = await context.newPage();
    await page.goto(`${FRONTEND}/orders?id=7`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: /Cancel/ }).click();
    await page.getByRole("alert").getByText("You did not sign in.").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await signIn(page, "Recipe Ada");
    await page.getByText("Hello, Recipe Ada").waitFor();
    await page.getByText("There is an access token.").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(page.url()).toBe(`${FRONTEND}/orders?id=7`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.goto(`${FRONTEND}/callback?code=c&state=s`);
    await page.getByRole("alert").getByText("did not begin here").waitFor();
    await context.close();
  });

  test("React Native: a link that starts the app anew finishes the sign-in, once", async () => {
    files["*"] = html("/native.app.js");
    const context = await chrome.context();
    const page = await context.newPage();
    await page.goto(`${FRONTEND}/`);
    await page.evaluate(() => (window as unknown as { signIn: () => Promise<void> }).signIn());
    await page.getByRole("button", { name: /Cancel/ }).click();
    await page.getByText("sign_in_denied").waitFor();
    await page.evaluate(() => (window as unknown as { signIn: () => Promise<void> }).signIn());
    await signIn(page, "Native Ada");
    await page.getByText("Hello, Native Ada").waitFor();
    // The session outlives the app, in the app's own store.
    await page.reload();
    await page.waitForFunction(() => window.vault.state === "signed-in");
    expect((await page.evaluate(() => window.vault.user())).claims.name).toBe("Native Ada");
    await context.close();
  });
});

inChromium("the recipe for Next.js, in the browser", () => {
  let chrome: Chrome;

  beforeAll(async () => {
    const cookies = { sessions: { transport: "cookie" } } as const;
    chrome = await startChrome(cookies, async ({ outputs }) => await filesOf(outputs));
  });

  async function filesOf({ apiUrl, clientId, issuer }: Chrome["stack"]["outputs"]): Promise<Files> {
    const environment: Readonly<Record<string, string>> = {
      // One site with the page, as a path of its own host is.
      NEXT_PUBLIC_VAULT_API_URL: apiUrl.replace("127.0.0.1", "localhost"),
      NEXT_PUBLIC_CLIENT_ID: clientId,
      NEXT_PUBLIC_REDIRECT_URI: `${FRONTEND}/callback`,
      NEXT_PUBLIC_AUTHORIZATION_ENDPOINT: `${issuer}/authorize`,
    };
    const built = (text: string) =>
      text.replace(/process\.env\.(\w+)/g, (_, name: string) =>
        JSON.stringify(environment[name] ?? ""),
      );
    const more = { "next/navigation": ROUTER };
    const script = await bundleApp(NEXT, more, { "client-account.tsx": built });
    return { "/next.app.js": ["text/javascript", script], "*": html("/next.app.js") };
  }

  afterAll(async () => {
    await chrome.close();
  });

  test("says no apart from signed out, signs in by a cookie, survives a reload and signs out", async () => {
    const context = await chrome.context();
    const page = await context.newPage();
    await page.goto(`${FRONTEND}/orders?id=7#top`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: /Cancel/ }).click();
    await page.getByRole("alert").getByText("You did not sign in.").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await signIn(page, "Next Ada");
    await page.getByRole("button", { name: "Sign out Next Ada" }).waitFor();
    expect(page.url()).toBe(`${FRONTEND}/orders?id=7#top`);
    await page.reload();
    await page.getByRole("button", { name: "Sign out Next Ada" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await context.close();
  });
});
