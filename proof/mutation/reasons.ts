/** Why a mutant may live: it cannot be told from the code by anybody who looks from outside. Found by its text, since lines move. */
export interface Reason {
  readonly file: string;
  /** As Stryker calls it. */
  readonly mutator: string;
  /** White space counts as one blank, here and in `replacement`. */
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

const jwk = "lambda/auth/jwk.ts";
const keySet = "lambda/auth/key-set.ts";
const conclude = "lambda/use-cases/conclude.ts";
const recoverable = "lambda/use-cases/recoverable.ts";

export const REASONS: readonly Reason[] = [
  {
    ...{ file: jwk, mutator: "BlockStatement" },
    ...{ original: "{ return false; }", replacement: "{}" },
    reason: "nothing returned is as false as `false` where it is read, behind a `!`",
  },
  {
    ...{ file: jwk, mutator: "BlockStatement" },
    ...{ original: "{ return undefined; }", replacement: "{}" },
    reason: "nothing returned is `undefined`",
  },
  {
    ...{ file: keySet, mutator: "ConditionalExpression" },
    ...{ original: "current === undefined", replacement: "false" },
    reason:
      "the age of no key set is infinite, so the other operand is true; this one is for the type",
  },
  {
    ...{ file: keySet, mutator: "ConditionalExpression" },
    ...{ original: "inFlight !== undefined", replacement: "true" },
    reason: "awaiting `undefined` waits for nothing",
  },
  {
    ...{ file: keySet, mutator: "OptionalChaining" },
    ...{ original: "current?.snapshot", replacement: "current.snapshot" },
    reason: "`fresh` has returned, so there is a current key set; the `?` is for the type",
  },
  {
    ...{ file: keySet, mutator: "BlockStatement" },
    ...{ original: "{ return undefined; }", replacement: "{}" },
    reason: "nothing returned is `undefined`",
  },
  {
    ...{ file: recoverable, mutator: "OptionalChaining" },
    ...{ original: "held.grant.lease?.expiresAt", replacement: "held.grant.lease.expiresAt" },
    reason: "what is held is the row of the intent, which has a lease; the `?` is for the type",
  },
  {
    ...{ file: recoverable, mutator: "OptionalChaining" },
    ...{ original: "grant.lease?.takenOver", replacement: "grant.lease.takenOver" },
    reason: "what is held is the row of the intent, which has a lease; the `?` is for the type",
  },
  {
    ...{ file: recoverable, mutator: "ConditionalExpression" },
    ...{ original: "newest === undefined", replacement: "false" },
    reason: "what is adopted came out of an inbox that had something; this is for the type",
  },
  {
    ...{ file: recoverable, mutator: "ConditionalExpression" },
    ...{ original: "call.restoredAt !== undefined", replacement: "true" },
    reason:
      "nothing is less than `undefined`, so the next operand is false; this one is for the type",
  },
  {
    ...{ file: conclude, mutator: "ConditionalExpression" },
    ...{ original: "grant.lease !== undefined", replacement: "true" },
    reason: "`settle` changes only a row that has our lease; this is for the type",
  },
  {
    ...{ file: conclude, mutator: "OptionalChaining" },
    ...{ original: "settled.grant.cooldown?.until", replacement: "settled.grant.cooldown.until" },
    reason:
      "what was settled is what `coolDown` made, which has a cooldown; the `?` is for the type",
  },
];
