/** The page's one way to the product: the client package. */
import { createVaultClient, type VaultClient } from "rollup-vault-client";
import type { Settings } from "./settings";

export { VaultError } from "rollup-vault-client";
export type { AccessToken, Connection, ListedSession, User } from "rollup-vault-client";
export type Vault = VaultClient;

export function createVault(settings: Settings): Vault {
  const { apiUrl, issuer, clientId, redirectUri, transport, resourceUrl } = settings;
  return createVaultClient({
    apiUrl,
    transport,
    provider: {
      clientId,
      redirectUri,
      authorizationEndpoint: `${issuer}/authorize`,
      scope: "openid profile email",
    },
    // Whoever else asks for something by its `fetch` gets no access token.
    origins: [issuer, ...(resourceUrl === undefined ? [] : [new URL(resourceUrl).origin])],
    // The page shows the waiting, instead of waiting in secret.
    retry: { retries: 0 },
  });
}
