/** The provider as the rest of the run knows it, whichever it is. */
import type { ObservedRequest } from "@rollup-vault/local-rollup-id/observe";
import type { IdpSettings } from "../../lambda/env";
import type { PresetName } from "../../lib/provider/preset";
import type { Frontend, Outputs } from "../outputs";

export interface RunningProvider {
  /** For people. */
  readonly title: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Empty where the client has none. */
  readonly clientSecret: string;
  readonly authorizationEndpoint: string;
  readonly frontend: Frontend;
  readonly isLocal: boolean;
  /** Whose habits it has. */
  readonly preset: PresetName;
  readonly faults?: Outputs["faults"];
  /** All settings of the stage. Undefined: the local stage's own for Rollup ID. */
  readonly settings?: IdpSettings;
}

export interface ProviderWorld {
  /** Of the run's data. */
  readonly folder: string;
  readonly redirectUris: readonly string[];
  readonly onRequest: (request: ObservedRequest) => void;
}
