/** The page reaches the API only through the client package. */
import { createVaultClient, type VaultClient } from "rollup-vault-client";
import { type Account, accountOf } from "rollup-vault-client/account";
import { createFetch } from "rollup-vault-client/fetch";
import type { Settings } from "./settings";

export { VaultError } from "rollup-vault-client";
export type { AccessToken, Connection, ListedSession, User } from "rollup-vault-client";
export type Vault = VaultClient & Account & { readonly fetch: typeof fetch };

export function createVault(settings: Settings): Vault {
  const { apiUrl, provider, clientId, redirectUri, transport, resourceUrl } = settings;
  const { userinfoEndpoint, authorizationEndpoint, issuer, scope, pkce, nonce, iss } = provider;
  const resources = [userinfoEndpoint, resourceUrl].filter((url) => url !== undefined);
  const client = createVaultClient({
    apiUrl,
    transport,
    provider: { clientId, redirectUri, authorizationEndpoint, issuer, scope, pkce, nonce, iss },
    // The page shows a countdown instead of silent retries.
    retry: { retries: 0 },
  });
  return Object.assign(client, accountOf(client), {
    // Access tokens go to these origins only.
    fetch: createFetch(
      client,
      resources.map((url) => new URL(url).origin),
    ),
  });
}
