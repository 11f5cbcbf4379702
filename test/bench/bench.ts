import type { Nodes } from "./nodes";
import type { Progress } from "./progress";

/** What every part of the bench gets. */
export interface Bench {
  readonly nodes: Nodes;
  readonly progress: Progress;
  /** Absent: as many as the part takes by itself. */
  readonly rounds?: number;
  /** Also what takes long. */
  readonly isLong: boolean;
}
