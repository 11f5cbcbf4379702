/**
 * What the figures have to be: one entry for each sentence that promises one. A budget that cannot
 * be met stays as it is and says why (`known`); it is never raised.
 */
import type { PartName } from "./results";

export interface Budget {
  /** For people. */
  readonly title: string;
  readonly part: PartName;
  readonly rows: "every" | readonly string[];
  /** Absent: every Node. */
  readonly node?: string;
  /** @default ours */
  readonly candidate?: string;
  /** Times as much as this candidate's. */
  readonly against?: string;
  /** A count, or a figure. */
  readonly of?: string;
  readonly most: number;
  /** The sentence that asks for it. */
  readonly source: string;
  /** It is missed, and that is decided: seen by everybody, and no reason to fail. */
  readonly known?: {
    readonly reason: string;
    /** File in docs/decisions. */
    readonly decision: string;
    /** Present reach: above it, it is missed all the same. */
    readonly ceiling: number;
  };
}

const DEPLOYED = "24";
const COLD =
  "A function's first answer costs at most 0.45 of a typical bundle's, and 3.5 of an empty handler's.";

export const BUDGETS: readonly Budget[] = [
  {
    title: "cold start, of a typical bundle's",
    part: "cold",
    rows: "every",
    node: DEPLOYED,
    against: "typical",
    most: 0.45,
    source: COLD,
  },
  {
    title: "cold start, of an empty handler's",
    part: "cold",
    rows: "every",
    node: DEPLOYED,
    against: "empty",
    most: 3.5,
    source: COLD,
  },
  {
    title: "check of a valid ID token, of a bare verification",
    part: "check",
    rows: ["valid"],
    node: DEPLOYED,
    against: "crypto.verify",
    most: 1.5,
    source: "The whole check costs at most half as much again as the signature alone.",
  },
  {
    title: "CPU of a warm exchange, of a typical bundle's",
    part: "warm",
    rows: ["exchange"],
    node: DEPLOYED,
    against: "typical",
    most: 0.7,
    source: "A warm exchange costs at most 0.7 of a typical bundle's CPU.",
  },
  {
    title: "CPU of a kept token for many users, of the floor's",
    part: "warm",
    rows: ["kept, many users"],
    node: DEPLOYED,
    against: "floor",
    most: 2,
    source: "A kept token costs at most twice a hand-signed handler's CPU, for many users in turn.",
  },
];
