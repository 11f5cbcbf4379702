/**
 * Attributes that outlive a grant: no sign-in or disconnect removes them. Which role may change
 * which. Apart from written-attributes.ts, whose lists only lib/ reads, so that those are in no
 * bundle. Imports nothing.
 */

/** A write of a grant neither sets nor removes these, unless its writer may change them. */
export const GRANT_LASTING = ["frozenAt", "erasure", "signedOut", "movedTo", "movedFrom"] as const;

export type LastingAttribute = (typeof GRANT_LASTING)[number];

/** By writer. A writer that is not here may change none; only the operator freezes and moves. */
export const LASTING_OF = {
  account: ["erasure"],
  sessions: ["erasure", "signedOut"],
  sweep: ["erasure"],
  operator: GRANT_LASTING,
} as const satisfies Readonly<Record<string, readonly LastingAttribute[]>>;
