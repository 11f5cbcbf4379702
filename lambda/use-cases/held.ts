/** What an exchange is made with, made for, and what its holder has in hand: shared by the files of the refresh protocol (exchange.ts). */
import type { AccessToken, EpochMs, Grant } from "../model";
import type { ClientSecretSource, TokenEndpoint } from "../ports/provider";
import type { Clock, Logger, Random, Timer } from "../ports/runtime";
import type { GrantStore } from "../ports/stores";
import type { Opener, Sealer, SealingKey } from "../ports/crypto";
import type { Recovery } from "../ports/queues";
import type { Patience } from "./patience";
import type { Settle } from "./settle";

export interface ExchangeDependencies {
  readonly grants: GrantStore;
  readonly sealer: Sealer;
  readonly opener: Opener;
  readonly tokenEndpoint: TokenEndpoint;
  readonly clientSecret: ClientSecretSource;
  readonly rotation: "none" | "grace" | "strict";
  /** Undefined: the provider does not rotate. */
  readonly recovery: Recovery | undefined;
  /** Absent: a grant that fails is always taken for an outage. */
  readonly patience?: Patience;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
}

/** For whom, on whose behalf, and until when the platform lets us run. */
export interface Call {
  readonly sub: string;
  readonly by: string;
  readonly deadline: EpochMs;
  readonly log: Logger;
  /** When the table came back from a backup: what was last exchanged before may have been spent since. */
  readonly restoredAt?: EpochMs | undefined;
}

export type Attempt =
  /** `grant`: the row as it is with what came. */
  | { readonly kind: "done"; readonly accessToken: AccessToken; readonly grant: Grant }
  /** Somebody else changed the row: this is what it is now. */
  | { readonly kind: "moved"; readonly grant: Grant | undefined };

/** What step 2 has made ready. */
export interface Prepared {
  readonly secret: string;
  readonly refreshToken: string;
  readonly key: SealingKey;
  /** `gen` of what this exchange yields: the revision of the intent, so no two attempts share one. */
  readonly gen: number;
}

/** The lease, and everything that its holder works with. */
export interface Held extends Prepared {
  readonly grant: Grant;
  readonly owner: string;
  readonly call: Call;
  readonly settle: Settle;
}
