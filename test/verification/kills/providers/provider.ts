/** The identity providers of the verification, each with a ledger of its own. */
import type { IdpSettings } from "../../../../lambda/env";
import type { Outputs } from "../../../../local/outputs";

export const PROVIDER_NAMES = ["none", "grace", "strict", "oidc-provider"] as const;

/** `none`, `grace` and `strict`: the local Rollup ID with that rotation. */
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export interface SignedIn {
  readonly sub: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

/** The provider's record of a subject that has signed in once. */
export interface LedgerView {
  /** Fingerprint of the live refresh token; undefined if the family was revoked. */
  readonly live: string | undefined;
  /** Refresh requests that were answered with tokens. */
  readonly exchanges: number;
  readonly isRevoked: boolean;
}

export interface Provider {
  readonly name: ProviderName;
  /** For the stage. Undefined: those of the local stage. */
  readonly idp: Partial<IdpSettings> | undefined;
  /** Called when the stack runs. */
  connect(outputs: Outputs): Promise<void>;
  /** Undefined: the local Rollup ID's. */
  readonly clientSecret: string | undefined;
  /** A new person. */
  signIn(): Promise<SignedIn>;
  setAccessTokenLifetime(seconds: number): Promise<void>;
  ledger(sub: string): Promise<LedgerView>;
  fingerprint(refreshToken: string): string;
  close(): Promise<void>;
}
