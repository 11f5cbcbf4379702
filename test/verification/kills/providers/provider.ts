/** The identity providers that the product is tried against, each with a ledger of its own. */
import type { IdpSettings } from "../../../../lambda/env";
import type { Outputs } from "../../../../local/outputs";

export const PROVIDER_NAMES = ["none", "grace", "strict", "oidc-provider"] as const;

/** `none`, `grace` and `strict`: the local Rollup ID, rotating so. */
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export interface SignedIn {
  readonly sub: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

/** What the provider knows of a subject that has signed in once. */
export interface LedgerView {
  /** Fingerprint of the one refresh token that is live; undefined where the family was revoked. */
  readonly live: string | undefined;
  /** Refresh token requests that were processed and answered with tokens. */
  readonly exchanges: number;
  readonly isRevoked: boolean;
}

export interface Provider {
  readonly name: ProviderName;
  /** For the stage; undefined: what the local stage has. */
  readonly idp: Partial<IdpSettings> | undefined;
  /** Called once the stack runs. */
  connect(outputs: Outputs): Promise<void>;
  /** Other than the local Rollup ID's; undefined: that one's. */
  readonly clientSecret: string | undefined;
  /** A person who has never been here before. */
  signIn(): Promise<SignedIn>;
  setAccessTokenLifetime(seconds: number): Promise<void>;
  ledger(sub: string): Promise<LedgerView>;
  fingerprint(refreshToken: string): string;
  close(): Promise<void>;
}
