import { createVaultClient, type VaultClientOptions } from "rollup-vault-client";

/** As vite.config.ts or the environment says it. */
const options = JSON.parse(import.meta.env["VITE_VAULT"] as string) as VaultClientOptions;

/** One for the page, made outside of any component and never closed by one. */
export const vault = createVaultClient({
  ...options,
  provider: { ...options.provider!, redirectUri: `${location.origin}/callback` },
});
