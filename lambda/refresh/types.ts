/** What a refresh is made with and made for, and what its holder has in hand. */
import type { Actor, Grant, LeasedGrant, Rotation } from "../grant/grant";
import type { AccessToken, EpochMs } from "../model";
import type { Opener, Sealer, SealingKey } from "../ports/crypto";
import type { ClientAuthentication, ClientCredentials, TokenEndpoint } from "../ports/provider";
import type { Recovery } from "../ports/queues";
import type { Clock, Logger, Random, Timer } from "../ports/runtime";
import type { GrantStore } from "../ports/stores";
import type { Patience } from "./patience";

export interface ExchangeDependencies {
  readonly grants: GrantStore;
  readonly sealer: Sealer;
  readonly opener: Opener;
  readonly tokenEndpoint: TokenEndpoint;
  readonly clientAuthentication: ClientAuthentication;
  readonly rotation: Rotation;
  /** Undefined: the provider does not rotate. */
  readonly recovery: Recovery | undefined;
  /** Absent: a grant that fails always counts as an outage of the provider. */
  readonly patience?: Patience;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
}

/** For which user, on whose behalf, and until when the platform lets the function run. */
export interface Call {
  readonly sub: string;
  readonly by: Actor;
  readonly deadline: EpochMs;
  readonly log: Logger;
  /** When the table came back from a backup: a token from before may have been spent since. */
  readonly restoredAt?: EpochMs;
}

export type Attempt =
  /** `grant`: the row as it is with what came. */
  | { readonly kind: "done"; readonly accessToken: AccessToken; readonly grant: Grant }
  /** Another writer changed the row: this is what it is now. */
  | { readonly kind: "moved"; readonly grant: Grant | undefined };

/** What step 2 has made ready. */
export interface Prepared {
  readonly credentials: ClientCredentials;
  readonly refreshToken: string;
  readonly key: SealingKey;
  /**
   * `gen` of what this refresh yields: the revision of the intent, so no two attempts share one.
   */
  readonly gen: number;
}

/** Who holds the lease, with everything that it works with. */
export interface LeaseHolder extends Prepared {
  /** The row of the intent. */
  readonly grant: LeasedGrant;
  readonly call: Call;
}
