/** The page reaches the API only through the client package. */
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
    // `vault.fetch` sends access tokens to these origins only.
    origins: [issuer, ...(resourceUrl === undefined ? [] : [new URL(resourceUrl).origin])],
    // The page shows a countdown instead of silent retries.
    retry: { retries: 0 },
  });
}
