/** The page reaches the API only through the client package. */
import { createVaultClient, type VaultClient } from "rollup-vault-client";
import type { Settings } from "./settings";

export { VaultError } from "rollup-vault-client";
export type { AccessToken, Connection, ListedSession, User } from "rollup-vault-client";
export type Vault = VaultClient;

export function createVault(settings: Settings): Vault {
  const { apiUrl, provider, clientId, redirectUri, transport, resourceUrl } = settings;
  const { userinfoEndpoint, authorizationEndpoint, issuer, scope, pkce, nonce, iss } = provider;
  const resources = [userinfoEndpoint, resourceUrl].filter((url) => url !== undefined);
  return createVaultClient({
    apiUrl,
    transport,
    provider: { clientId, redirectUri, authorizationEndpoint, issuer, scope, pkce, nonce, iss },
    // `vault.fetch` sends access tokens to these origins only.
    origins: resources.map((url) => new URL(url).origin),
    // The page shows a countdown instead of silent retries.
    retry: { retries: 0 },
  });
}
