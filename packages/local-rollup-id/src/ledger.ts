/**
 * Which token requests were processed, and which came and were not; never a token, code or secret.
 * `GET /ledger` shows it.
 */

export interface TokenRequest {
  /** RFC 3339. */
  readonly at: string;
  readonly grant_type: "authorization_code" | "refresh_token";
  /** Null where it is not ours: then it may be anything. */
  readonly client_id: string | null;
}

export interface Processed extends TokenRequest {
  readonly sub: string | null;
  readonly outcome: "issued" | "refused";
  /** Of the right answer; a fault may have put another in its place. */
  readonly status: number;
  /** Family and generation of the refresh token presented, or of the one issued for a code. */
  readonly family: string | null;
  readonly generation: number | null;
  /** Fingerprint of the refresh token presented, so that reuse can be seen. */
  readonly presented: string | null;
  /** Fingerprint of the refresh token in the answer, where there is one. */
  readonly issued: string | null;
}

interface NotProcessed extends TokenRequest {
  /** The fault that was in the way; `not_a_form` for what the real one cannot read. */
  readonly fault: string;
}

export interface LedgerPage {
  readonly processed: readonly (Processed & { readonly n: number })[];
  /** How many reached the endpoint and were not acted upon. */
  readonly unprocessed: number;
  readonly not_processed: readonly NotProcessed[];
}

export interface Ledger {
  add(entry: Processed): void;
  addNotProcessed(entry: NotProcessed): void;
  /** @param sub of one subject only, in `processed` */
  read(sub?: string): LedgerPage;
  clear(): void;
}

/** The oldest go first; the numbers go on. */
const MAX_ENTRIES = 100_000;

export function createLedger(): Ledger {
  const processed: (Processed & { readonly n: number })[] = [];
  const notProcessed: NotProcessed[] = [];
  let n = 0;

  return {
    add: (entry) => {
      n += 1;
      push(processed, { n, ...entry });
    },
    addNotProcessed: (entry) => {
      push(notProcessed, entry);
    },
    read: (sub) => ({
      processed: sub === undefined ? processed : processed.filter((entry) => entry.sub === sub),
      unprocessed: notProcessed.length,
      not_processed: notProcessed,
    }),
    clear: () => {
      processed.length = 0;
      notProcessed.length = 0;
    },
  };
}

function push<T>(entries: T[], entry: T): void {
  entries.push(entry);
  if (entries.length > MAX_ENTRIES) {
    entries.shift();
  }
}
