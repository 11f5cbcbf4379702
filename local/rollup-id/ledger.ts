/** Which token requests arrived and which were processed; never a token, code or secret. */
import { createHash } from "node:crypto";

export interface LedgerEntry {
  readonly n: number;
  /** RFC 3339. */
  readonly at: string;
  readonly grant_type: "authorization_code" | "refresh_token";
  readonly sub: string | null;
  readonly outcome: "issued" | "refused";
  /** First 16 hex digits of the SHA-256 of the refresh token presented, so that reuse can be seen. */
  readonly presented: string | null;
  /** The same of the refresh token in the answer, where there is one. */
  readonly issued: string | null;
}

export interface Ledger {
  add(entry: Omit<LedgerEntry, "n">): void;
  /** A request that reached the endpoint and was not acted upon. */
  addUnprocessed(): void;
  read(): { readonly processed: readonly LedgerEntry[]; readonly unprocessed: number };
  clear(): void;
}

const MAX_ENTRIES = 100_000;

export function createLedger(): Ledger {
  let processed: LedgerEntry[] = [];
  let unprocessed = 0;
  let n = 0;

  return {
    add: (entry) => {
      n += 1;
      processed.push({ n, ...entry });
      processed = processed.slice(-MAX_ENTRIES);
    },
    addUnprocessed: () => {
      unprocessed += 1;
    },
    read: () => ({ processed, unprocessed }),
    clear: () => {
      processed = [];
      unprocessed = 0;
    },
  };
}

export function fingerprint(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 16);
}
