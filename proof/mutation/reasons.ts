/** Why a mutant may live: it cannot be told from the code by anybody who looks from outside. Found by its text, since lines move. */
export interface Reason {
  readonly file: string;
  /** As Stryker calls it. */
  readonly mutator: string;
  /** White space counts as one blank, here and in `replacement`. */
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

export const REASONS: readonly Reason[] = [];
