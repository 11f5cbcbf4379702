/** What the developer of an app pastes, so that it uses this run. */
import type { Outputs } from "./outputs";

type Shown = Pick<
  Outputs,
  | "apiUrl"
  | "issuer"
  | "clientId"
  | "authorizationEndpoint"
  | "frontend"
  | "frontends"
  | "transport"
  | "idpSettings"
>;

/** The client's own (packages/client/src/types.ts). */
const DEFAULT_SCOPE = "openid profile";

/** For `createVaultClient`, with `location.origin` where the app is served. */
function clientOptions(outputs: Shown): readonly string[] {
  const { apiUrl, issuer, clientId, authorizationEndpoint, transport } = outputs;
  const { scope, pkce, nonce, iss } = outputs.frontend;
  return [
    `apiUrl: ${JSON.stringify(apiUrl)},`,
    ...(transport === "cookie" ? ['transport: "cookie",'] : []),
    "provider: {",
    `  clientId: ${JSON.stringify(clientId)},`,
    "  redirectUri: `${location.origin}/callback`,",
    `  authorizationEndpoint: ${JSON.stringify(authorizationEndpoint)},`,
    ...(scope === DEFAULT_SCOPE ? [] : [`  scope: ${JSON.stringify(scope)},`]),
    ...(pkce ? ["  pkce: true,"] : []),
    ...(nonce ? ["  nonce: true,"] : []),
    ...(iss ? [`  issuer: ${JSON.stringify(issuer)},`, "  iss: true,"] : []),
    "},",
  ];
}

/** For calls of the provider with the access token; a local Rollup ID needs none to be tried. */
function fetchLines({ idpSettings }: Shown): readonly string[] {
  const userinfo = idpSettings["userinfoEndpoint"];
  if (typeof userinfo !== "string") {
    return [];
  }
  const origins = JSON.stringify([new URL(userinfo).origin]);
  return [
    'import { createFetch } from "rollup-vault-client/fetch";',
    `const fetchWithToken = createFetch(vault, ${origins}); // these may receive access tokens`,
  ];
}

/** For the terminal. */
export function ownAppLines(outputs: Shown): readonly string[] {
  const [origin = "", ...others] = outputs.frontends;
  const more =
    others.length === 0 ? "" : ` (or at ${String(others.length)} other origins, in the outputs)`;
  const { parameters } = outputs.frontend;
  return [
    `your own app, served at ${origin}${more}:`,
    "",
    'import { createVaultClient } from "rollup-vault-client";',
    "const vault = createVaultClient({",
    ...clientOptions(outputs).map((line) => `  ${line}`),
    "});",
    ...fetchLines(outputs),
    ...(Object.keys(parameters).length === 0
      ? []
      : [`// vault.signIn({ parameters: ${JSON.stringify(parameters)} })`]),
    "",
    ...(outputs.transport === "cookie" ? COOKIE_WORDS : []),
    "`npm run create-app -- ../my-app` writes a Vite + React app that is wired already;",
    "docs/your-own-app.md goes on from here; `FRONTEND_URL=… npm start` allows other origins",
  ];
}

const COOKIE_WORDS = [
  "the session is in a cookie, which a browser sends within one site only: open the app at",
  "http://127.0.0.1:…, or let it serve the API under its own host (docs/recipes/next.md)",
];
