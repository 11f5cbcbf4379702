/** What the provider's process tells the one that started it. */
import type { ObservedRequest } from "@rollup-vault/local-rollup-id/observe";

export type Told =
  | {
      readonly kind: "ready";
      readonly origin: string;
      readonly clientId: string;
      readonly clientSecret: string;
    }
  /** `code`: the system's, or empty. */
  | { readonly kind: "failed"; readonly message: string; readonly code: string }
  /** Told when it begins, and again when it is over. */
  | { readonly kind: "request"; readonly number: number; readonly request: ObservedRequest };
