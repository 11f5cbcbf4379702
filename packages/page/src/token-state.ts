import type { AccessToken } from "./vault";

export interface ShownToken {
  readonly token: AccessToken;
  /** Seconds that it was valid when this page first got it. */
  readonly lifetime: number;
  readonly renewals: number;
}

/** What outlives a change of views, in memory only; a sign-out replaces it. */
export interface TokenState {
  shown: ShownToken | undefined;
  isRevealed: boolean;
}

export function createTokenState(): TokenState {
  return { shown: undefined, isRevealed: false };
}
