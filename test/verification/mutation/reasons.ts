/** Why a mutant may live: it cannot be told from the code by anybody who looks from outside. Found by its text and its line's, since numbers move. */
export interface Reason {
  readonly file: string;
  /** As Stryker calls it. */
  readonly mutator: string;
  /** The line on which it begins, trimmed. */
  readonly on: string;
  /** White space counts as one blank, here and in `replacement`. */
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

export const REASONS: readonly Reason[] = [
  {
    file: "lambda/auth/jwk.ts",
    on: "} catch {",
    mutator: "BlockStatement",
    original: "{ return false; }",
    replacement: "{}",
    reason: "nothing returned is as false as `false` where it is read, behind a `!`",
  },
  {
    file: "lambda/auth/jwk.ts",
    on: "} catch {",
    mutator: "BlockStatement",
    original: "{ return undefined; }",
    replacement: "{}",
    reason: "nothing returned is `undefined`",
  },
  {
    file: "lambda/auth/reload-budget.ts",
    on: "let last = { at: -Infinity, isFamiliar: true };",
    mutator: "BooleanLiteral",
    original: "true",
    replacement: "false",
    reason: "it is asked for within a cooldown only, and there is none before the first reload",
  },
  {
    file: "lambda/auth/signature.ts",
    on: "verifier.cacheJwks({ keys: [jwk] });",
    mutator: "ObjectLiteral",
    original: "{ keys: [jwk] }",
    replacement: "{}",
    reason: "it is called for its check of the settings; the cache is ours and has its key",
  },
  {
    file: "lambda/auth/signature.ts",
    on: "verifier.cacheJwks({ keys: [jwk] });",
    mutator: "ArrayDeclaration",
    original: "[jwk]",
    replacement: "[]",
    reason: "it is called for its check of the settings; the cache is ours and has its key",
  },
  {
    file: "lambda/use-cases/conclude.ts",
    on: "return isDoubtful && grant.lease !== undefined",
    mutator: "ConditionalExpression",
    original: "grant.lease !== undefined",
    replacement: "true",
    reason: "`settle` changes only a row that has our lease; this is for the type",
  },
  {
    file: "lambda/use-cases/conclude.ts",
    on: "const until = settled.grant.cooldown?.until ?? stamp.at;",
    mutator: "OptionalChaining",
    original: "settled.grant.cooldown?.until",
    replacement: "settled.grant.cooldown.until",
    reason:
      "what was settled is what `coolDown` made, which has a cooldown; the `?` is for the type",
  },
  {
    file: "lambda/use-cases/kept-access-token.ts",
    on: "...(token.scope === undefined ? {} : { scope: token.scope }),",
    mutator: "ConditionalExpression",
    original: "token.scope === undefined",
    replacement: "false",
    reason: "JSON leaves out a member that is `undefined`",
  },
  {
    file: "lambda/use-cases/recover.ts",
    on: "return at !== undefined && at <= clock.now();",
    mutator: "ConditionalExpression",
    original: "at !== undefined",
    replacement: "true",
    reason:
      "`undefined` is not at most anything, so the next operand is false; this one is for the type",
  },
  {
    file: "lambda/use-cases/recover.ts",
    on: 'return task.kind === "take-over" && task.owner === lease?.owner;',
    mutator: "OptionalChaining",
    original: "lease?.owner",
    replacement: "lease.owner",
    reason: "whoever stands in line stands before a lease; the `?` is for the type",
  },
  {
    file: "lambda/use-cases/recover.ts",
    on: 'return task.kind === "take-over" && task.owner !== lease?.owner;',
    mutator: "OptionalChaining",
    original: "lease?.owner",
    replacement: "lease.owner",
    reason: "a take-over has nothing to do where there is no lease; the `?` is for the type",
  },
  {
    file: "lambda/use-cases/recoverable.ts",
    on: "const seconds = ((held.grant.lease?.expiresAt ?? 0) - clock.now()) / 1000;",
    mutator: "OptionalChaining",
    original: "held.grant.lease?.expiresAt",
    replacement: "held.grant.lease.expiresAt",
    reason: "what is held is the row of the intent, which has a lease; the `?` is for the type",
  },
  {
    file: "lambda/use-cases/recoverable.ts",
    on: "await recovery?.takeOver({ sub, grantId, owner: lease.owner }, revision);",
    mutator: "OptionalChaining",
    original: "recovery?.takeOver",
    replacement: "recovery.takeOver",
    reason: "where tokens rotate there is a queue; the `?` is for the type",
  },
  {
    file: "lambda/use-cases/recoverable.ts",
    on: 'return rotation !== "none" && grant.lease?.takenOver === true;',
    mutator: "OptionalChaining",
    original: "grant.lease?.takenOver",
    replacement: "grant.lease.takenOver",
    reason: "what is held is the row of the intent, which has a lease; the `?` is for the type",
  },
  {
    file: "lambda/use-cases/recoverable.ts",
    on: 'return rotation !== "none" && call.restoredAt !== undefined && last < call.restoredAt;',
    mutator: "ConditionalExpression",
    original: "call.restoredAt !== undefined",
    replacement: "true",
    reason:
      "nothing is less than `undefined`, so the next operand is false; this one is for the type",
  },
];
