/**
 * Attributes that outlive whatever becomes of a grant, and whose role may change which of them.
 * Apart from written-attributes.ts, whose lists only lib/ reads: functions have these two in their
 * bundles. Imports nothing.
 */

/**
 * What no write of a grant touches unless it is its writer's business: such a write neither sets
 * nor removes it.
 */
export const GRANT_LASTING = ["frozenAt", "erasure", "signedOut", "movedTo", "movedFrom"] as const;

export type LastingAttribute = (typeof GRANT_LASTING)[number];

/**
 * Whose business they are. Who is not here may change none; freezing and moving are the operator's
 * alone.
 */
export const LASTING_OF = {
  account: ["erasure"],
  sessions: ["erasure", "signedOut"],
  sweep: ["erasure"],
  operator: GRANT_LASTING,
} as const satisfies Readonly<Record<string, readonly LastingAttribute[]>>;
