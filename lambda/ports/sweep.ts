/** What the sweep goes through, and where it stopped. */
import type { EpochMs } from "../model";

/** What the sweeper goes through. */
export type SweepList = "erasing" | "disconnecting" | "due";

export interface SubjectPageRequest {
  /** Older than this, by what the list is sorted by. */
  readonly before: EpochMs;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

/**
 * Subjects, oldest first, through an index that lags behind by moments.
 * @throws UnavailableError, InternalError
 */
export interface SubjectList {
  /** An `after` that is none of ours begins at the beginning. */
  page(request: SubjectPageRequest): Promise<{
    readonly subs: readonly string[];
    /** Opaque; undefined on the last page. */
    readonly next: string | undefined;
  }>;
}

/**
 * Where the sweeper stopped, so that what cannot be done at the head of a list never keeps it from
 * the rest.
 * @throws UnavailableError, InternalError
 */
export interface SweepPositions {
  read(): Promise<Readonly<Partial<Record<SweepList, string>>>>;
  /** `position` undefined: the list was gone through to its end. */
  write(list: SweepList, position: string | undefined): Promise<void>;
}
