/** What the steps of the tour share. */
import type { Outputs } from "./outputs";
import type { Send } from "./tour-client";
import type { Shown } from "./tour-show";

export interface TourOptions {
  /** Opens the address at which a person has to sign in. */
  readonly open?: boolean;
  /** Milliseconds that a person has for it. @default five minutes */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

export interface Tour {
  readonly outputs: Outputs;
  readonly show: Shown;
  readonly send: Send;
  readonly options: TourOptions;
}

export interface SignedIn {
  /** An ID token or a session. */
  readonly bearer: string;
  /** What must not be found in a table. */
  readonly secrets: readonly string[];
}

/** At a local provider. */
export const PERSON = "Ada Lovelace";
