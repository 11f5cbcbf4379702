/** A broken invariant, by its number in invariants.ts. */

export type Invariant =
  "I1" | "I2" | "I2 kept" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "I9" | "I10" | "I11" | "I12";

export interface Violation {
  readonly invariant: Invariant;
  readonly text: string;
}

export type Report = (invariant: Invariant, text: string) => void;
