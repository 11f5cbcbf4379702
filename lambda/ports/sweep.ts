/** What the sweep looks through, and where it stopped. */
import type { EpochMs } from "../model";

/** What the sweeper goes through. */
export type SweepList = "erasing" | "disconnecting" | "due";

interface SubjectPageRequest {
  /** Only entries whose sort key is earlier. */
  readonly before: EpochMs;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

/**
 * Subjects, oldest first, by a global secondary index, which lags behind by moments.
 * @throws UnavailableError, InternalError
 */
export interface SubjectList {
  /** An `after` that this list did not make starts at the beginning. */
  page(request: SubjectPageRequest): Promise<{
    readonly subs: readonly string[];
    /** Opaque; undefined on the last page. */
    readonly next: string | undefined;
  }>;
}

/**
 * Where the last sweep stopped in each list. One that fails at an entry continues after it, so that
 * a broken entry never keeps the sweep from the others.
 * @throws UnavailableError, InternalError
 */
export interface SweepPositions {
  read(): Promise<Readonly<Partial<Record<SweepList, string>>>>;
  /** @param position undefined: the list was finished */
  write(list: SweepList, position: string | undefined): Promise<void>;
}
