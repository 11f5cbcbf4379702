/**
 * Two ports onto the recovery queues: {@link Recovery}, where the provider rotates refresh tokens
 * (standard and FIFO), and renewals (the standard one). `lambda/queue/` implements them with SQS,
 * `lambda/handlers/recovery.ts` consumes them.
 */
import type { Sealed } from "../grant/grant";

/**
 * One task for the recovery function.
 *
 * @example
 * { kind: "take-over", sub: "alice", grantId: "1767225600000.6f1c…", owner: "0b2e…" }
 */
export type RecoveryTask =
  /**
   * Watchdog: the holder of this lease may have crashed. Look at the grant once the lease is over.
   */
  | {
      readonly kind: "watch";
      readonly sub: string;
      readonly grantId: string;
      readonly owner: string;
    }
  /** A successor (the refresh token of a token response, sealed) that the store did not take. */
  | {
      readonly kind: "spill";
      readonly sub: string;
      readonly grantId: string;
      readonly owner: string;
      readonly refreshToken: Sealed;
    }
  /** The lease has run out. FIFO order delivers this after every spill of the same lease. */
  | {
      readonly kind: "take-over";
      readonly sub: string;
      readonly grantId: string;
      readonly owner: string;
    }
  /** The refresh token would lapse unused, or it is in doubt: refresh it. */
  | { readonly kind: "renew"; readonly sub: string };

type Task<Kind> = Omit<Extract<RecoveryTask, { readonly kind: Kind }>, "kind">;

/** How a refresh survives its caller. Only where the provider rotates refresh tokens. */
export interface Recovery {
  /**
   * Sends the watchdog: step 4 of a refresh, before the refresh token is spent.
   * @param delaySeconds whole seconds, until the lease is over; SQS allows 900
   * @throws UnavailableError, InternalError: then no token request may be sent
   */
  watch(task: Task<"watch">, delaySeconds: number): Promise<void>;
  /**
   * Keeps a successor that the store did not take until the deadline.
   * @throws UnavailableError, InternalError
   */
  spill(successor: Task<"spill">): Promise<void>;
  /**
   * Asks for a take-over of a lease that has run out. The queue delivers the tasks of `spill` and
   * `takeOver` of one grant one by one and in the order in which they were sent: the consumer of
   * this one finds in the row what the lease's holder has spilled.
   * @param revision of the row that was seen; a second call for the same revision sends nothing
   * @throws UnavailableError, InternalError
   */
  takeOver(task: Task<"take-over">, revision: number): Promise<void>;
}

/**
 * Where the sweep puts grants that are due.
 * @throws UnavailableError, InternalError
 */
export interface RenewalQueue {
  /** At most ten at once. A grant that is not sent is due again in the next sweep. */
  renew(tasks: readonly (Task<"renew"> & { readonly delaySeconds: number })[]): Promise<void>;
}
