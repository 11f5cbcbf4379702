/**
 * What providers said of themselves when the owner ran `npx rollup-vault provider … --write`: the
 * file lib/stages/providers.json, by issuer. It is committed, so that endpoints are reviewed like
 * code, synthesis needs no network, and a provider cannot move an endpoint under a deployment.
 */
import type { IdpSettings } from "../../lambda/env";

export interface RecordedProvider {
  /** ISO date. */
  readonly read: string;
  readonly settings: Pick<IdpSettings, "jwksUri" | "tokenEndpoint" | "idTokenSigningAlgs"> &
    Pick<IdpSettings, "userinfoEndpoint" | "revocationEndpoint" | "clientAuthentication">;
  readonly authorizationEndpoint: string;
  readonly endSessionEndpoint?: string;
}

export type RecordedProviders = Readonly<Record<string, RecordedProvider>>;
