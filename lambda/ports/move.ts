/**
 * The stores that moving a user to another subject needs (use-cases/move-user.ts): the ports of one
 * admin command. All methods throw UnavailableError and InternalError.
 */
import type { Grant } from "../grant/grant";
import type {
  Cutoffs,
  EpochMs,
  Erasure,
  MovedRecord,
  MovedUser,
  Revocation,
  User,
  UserRecord,
} from "../model";

/** A move that is under way, or was interrupted. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** Id of the move, and `grantId` of the grant that it makes. */
  readonly id: string;
  readonly seen: Ends;
}

/** What had ended when the move began. What ends later is a later act of the user. */
interface Ends {
  /** Under `to`. */
  readonly erasedAt?: EpochMs;
  /** Under `to`. */
  readonly endedAt?: EpochMs;
  /** Under `from`. */
  readonly fromEndedAt?: EpochMs;
}

/** Invariant: no subject is part of two moves at once. */
export interface MoveJournal {
  /** The unfinished move that `sub` is a part of. */
  read(sub: string): Promise<Move | undefined>;
  /**
   * Idempotent.
   * @returns the unfinished move of either subject: this one, or the one that is in the way
   */
  begin(move: Move): Promise<Move>;
  /** Idempotent. Never ends another move. */
  end(move: Move): Promise<void>;
}

/** `isLocked`: only the move reads or writes the item; all functions of any version refuse to. */
export interface MovableUser extends UserRecord {
  readonly isLocked: boolean;
}

export interface UserMerge {
  readonly user: User;
  readonly movedFrom: MovedRecord;
  readonly cutoffs: Cutoffs & { readonly revocation: Revocation | undefined };
}

export interface UserMover {
  /** Strongly consistent; also an item that is locked. */
  find(sub: string): Promise<MovableUser>;
  /**
   * Creates the item where there is none, so that the user cannot sign up in the meantime.
   * @returns false on a conflict
   */
  lock(sub: string, seen: MovableUser): Promise<boolean>;
  /**
   * Creates the user, or replaces `seen`.
   * @returns false on a conflict
   */
  merge(merge: UserMerge, seen: MovableUser): Promise<boolean>;
  /** Replaces a locked item by a finished tombstone. Does nothing where it is not locked. */
  leave(sub: string, erasure: Erasure, movedTo: MovedUser): Promise<void>;
}

export interface MovableGrant {
  readonly grant: Grant | undefined;
  readonly isLocked: boolean;
  /** Of the item, also where it holds no grant; 0: there is none. */
  readonly revision: number;
}

export interface GrantMover {
  /** Strongly consistent; also an item that is locked. */
  find(sub: string): Promise<MovableGrant>;
  /**
   * Creates the item where there is none.
   * @returns false on a conflict
   */
  lock(sub: string, expected: number): Promise<boolean>;
  /** Does nothing where it is not locked. */
  unlock(sub: string): Promise<void>;
  /**
   * Compare-and-set as in GrantStore, but with the revision of `next`, which is above `expected`.
   * @returns false on a conflict
   */
  put(next: Grant, expected: number): Promise<boolean>;
  /** Replaces a locked item and unlocks it. Does nothing where it is not locked. */
  leave(next: Grant): Promise<void>;
}
