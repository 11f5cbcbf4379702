/** What is done for grants and users that nobody is asking for: the ports of the recovery consumer and the sweeper. */
import type { EpochMs } from "./model";
import type { Sealed } from "./grant/grant";

/** What is to be done for a grant, by whoever takes it from the queue. */
export type RecoveryTask =
  /** Its holder may have died: see to it once the lease is over. */
  | {
      readonly kind: "watch";
      readonly sub: string;
      readonly grantId: string;
      readonly owner: string;
    }
  /** A successor that the store did not take. */
  | {
      readonly kind: "spill";
      readonly sub: string;
      readonly grantId: string;
      readonly owner: string;
      readonly refreshToken: Sealed;
    }
  /** A holder's lease has run out: whoever gets this is behind whatever that holder has spilled. */
  | {
      readonly kind: "take-over";
      readonly sub: string;
      readonly grantId: string;
      readonly owner: string;
    }
  /** Something is due: its refresh token would lapse unused, or it is in doubt. */
  | { readonly kind: "renew"; readonly sub: string };

type Task<Kind> = Omit<Extract<RecoveryTask, { readonly kind: Kind }>, "kind">;

/** Rotating providers only: somebody comes back for a grant, whatever becomes of its holder. */
export interface Recovery {
  /** Step 4, before anything is spent. @throws UnavailableError, InternalError: then nothing may be sent */
  watch(task: Task<"watch">, delaySeconds: number): Promise<void>;
  /** A sealed successor that the store did not take until the deadline. @throws UnavailableError, InternalError */
  spill(successor: Task<"spill">): Promise<void>;
  /**
   * Once the lease has run out. Invariant: tasks of `spill` and `takeOver` for one grant are worked at one by one, in the order in which they were sent; so
   * whoever is given this one finds what the lease's holder has spilled in the row. Nothing happens where it was sent for this `revision` of the row before.
   * @throws UnavailableError, InternalError
   */
  takeOver(task: Task<"take-over">, revision: number): Promise<void>;
}

/** Where the sweeper leaves what is due. @throws UnavailableError, InternalError */
export interface RenewalQueue {
  /** At most ten at once. Whoever is not taken is due again the next time. */
  renew(tasks: readonly (Task<"renew"> & { readonly delaySeconds: number })[]): Promise<void>;
}

/** What the sweeper goes through. */
export type SweepList = "erasing" | "disconnecting" | "due";

export interface PageRequest {
  /** Older than this, by what the list is sorted by. */
  readonly before: EpochMs;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

/** Subjects, oldest first, through an index that lags behind by moments. @throws UnavailableError, InternalError */
export interface SubjectList {
  /** An `after` that is none of ours begins at the beginning. */
  page(request: PageRequest): Promise<{
    readonly subs: readonly string[];
    /** Opaque; undefined on the last page. */
    readonly next: string | undefined;
  }>;
}

/** Where the sweeper stopped, so that what cannot be done at the head of a list never keeps it from the rest. @throws UnavailableError, InternalError */
export interface SweepPositions {
  read(): Promise<Readonly<Partial<Record<SweepList, string>>>>;
  /** `position` undefined: the list was gone through to its end. */
  write(list: SweepList, position: string | undefined): Promise<void>;
}
