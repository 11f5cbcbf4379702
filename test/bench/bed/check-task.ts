/** What check-child.ts is told, and what it reports. */

/** By package: the path of what it exports. */
export interface CheckTask {
  readonly rounds: number;
  readonly packages: Readonly<
    Record<"aws-jwt-verify" | "jose" | "jsonwebtoken" | "fast-jwt", string>
  >;
}

export const CASES = ["valid", "expired", "forged", "junk of 8 KB"] as const;

export type Case = (typeof CASES)[number];

/** By case and candidate: CPU microseconds of one token, in each round. */
export type CheckReport = Readonly<Record<Case, Readonly<Record<string, readonly number[]>>>>;
