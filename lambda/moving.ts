/**
 * What a move of a user to another subject needs of the stores (use-cases/move-user.ts): the ports of one admin command. All
 * of them throw UnavailableError and InternalError.
 */
import type {
  Cutoffs,
  EpochMs,
  Erasure,
  MovedRecord,
  MovedUser,
  Revocation,
  User,
  UserRecord,
} from "./model";
import type { Grant } from "./grant/grant";

/** One that is under way, or broke off. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** Of this move, and the `grantId` of the grant that it makes. */
  readonly id: string;
  readonly seen: TargetSeen;
}

/** What had ended under `to` when the move began: whatever ends later is the user's own later act. */
export interface TargetSeen {
  readonly erasedAt?: EpochMs | undefined;
  readonly endedAt?: EpochMs | undefined;
}

/** Invariant: no subject is part of two moves at once. */
export interface MoveJournal {
  /** The unfinished move that `sub` is a part of. */
  read(sub: string): Promise<Move | undefined>;
  /** Harmless to repeat. @returns the unfinished move of either, this one or that which is in the way */
  begin(move: Move): Promise<Move>;
  /** Harmless to repeat. Never ends another move. */
  end(move: Move): Promise<void>;
}

/** `isLocked`: nobody but the move reads or writes the item, whatever its version. */
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
  /** False where the item is another one by now. An item that is not there is made, so that nobody signs up meanwhile. */
  lock(sub: string, seen: MovableUser): Promise<boolean>;
  /** Creates or replaces the user as `seen`. False where the item is another one by now. */
  merge(merge: UserMerge, seen: MovableUser): Promise<boolean>;
  /** The tombstone in the place of a locked item, which is whole and finished. Nothing happens where it is not locked. */
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
  /** False where the item is another one by now. An item that is not there is made. */
  lock(sub: string, expected: number): Promise<boolean>;
  /** Nothing happens where it is not locked. */
  unlock(sub: string): Promise<void>;
  /**
   * Compare-and-set, as GrantStore has it, but with the revision that `next` says, above `expected`.
   * False where the item is another one by now.
   */
  put(next: Grant, expected: number): Promise<boolean>;
  /** In the place of a locked item, which is unlocked by it. Nothing happens where it is not locked. */
  leave(next: Grant): Promise<void>;
}
