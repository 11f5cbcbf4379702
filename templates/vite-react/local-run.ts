import { existsSync, readFileSync } from "node:fs";

/** Where `npm start` of rollup-vault says what it serves. */
const OUTPUTS = process.env["LOCAL_OUTPUTS"] ?? "{{outputs}}";

interface Outputs {
  readonly apiUrl: string;
  readonly transport: "bearer" | "cookie";
  readonly issuer: string;
  readonly clientId: string;
  readonly authorizationEndpoint: string;
  readonly frontend: Readonly<Record<"scope" | "pkce" | "nonce" | "iss", unknown>>;
}

/**
 * For `npm run dev`: the API and the provider of the local run. `VITE_VAULT` in the environment goes
 * first (README.md).
 */
export function useLocalRun(): void {
  if (process.env["VITE_VAULT"] !== undefined) {
    return;
  }
  if (!existsSync(OUTPUTS)) {
    throw new Error("rollup-vault is not running: `npm --prefix {{checkout}} start` starts it");
  }
  const outputs = JSON.parse(readFileSync(OUTPUTS, "utf8")) as Outputs;
  const { apiUrl, transport, issuer, clientId, authorizationEndpoint } = outputs;
  const { scope, pkce, nonce, iss } = outputs.frontend;
  const provider = { issuer, clientId, authorizationEndpoint, scope, pkce, nonce, iss };
  process.env["VITE_VAULT"] = JSON.stringify({ apiUrl, transport, provider });
}
