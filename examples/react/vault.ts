import { createVaultClient } from "rollup-vault-client";

/**
 * One for the page, made outside of any component and never closed by one. If a server renders as
 * well, see the recipe for Next.js.
 */
export const vault = createVaultClient({
  apiUrl: "https://api.example",
  provider: {
    clientId: "…",
    redirectUri: `${location.origin}/callback`,
    // `npm start` prints that of the local run; left out: Rollup ID's.
    authorizationEndpoint: "https://id.example/authorize",
  },
});
