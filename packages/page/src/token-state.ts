import type { AccessToken } from "./vault";

export interface ShownToken {
  readonly token: AccessToken;
  /** Seconds that it was valid when this page first got it. */
  readonly lifetime: number;
  readonly renewals: number;
  /** Its renewal was refused: it is not tried again by itself. */
  readonly isStuck?: boolean;
}

/** What outlives a change of views, in memory only; a sign-out replaces it. */
export interface TokenState {
  shown: ShownToken | undefined;
  isRevealed: boolean;
  /** The next one has to be new, however long the last one is good. */
  wantsNew: boolean;
}

export function createTokenState(): TokenState {
  return { shown: undefined, isRevealed: false, wantsNew: false };
}
