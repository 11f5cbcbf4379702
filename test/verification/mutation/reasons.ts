/**
 * Why a mutant may live: no caller can tell it from the code. Found by its text and its line's
 * text, since line numbers move.
 */
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
    file: "lambda/auth/jwt-grammar.ts",
    on: 'signingInput: Buffer.from(token.slice(0, signatureAt - 1), "latin1"),',
    mutator: "StringLiteral",
    original: '"latin1"',
    replacement: '""',
    reason: "the grammar has let through ASCII alone, which is the same bytes in UTF-8",
  },
  {
    file: "lambda/auth/jwt-grammar.ts",
    on: "const isCanonical = LAST_CHARACTERS[part.length % 4]?.includes(part.slice(-1));",
    mutator: "OptionalChaining",
    original: "LAST_CHARACTERS[part.length % 4]?.includes",
    replacement: "LAST_CHARACTERS[part.length % 4].includes",
    reason: "there is an entry for each of the four remainders; only the compiler does not know",
  },
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
    file: "lambda/auth/jwk.ts",
    on: "if (!isKid(kid) || members === undefined || !isForVerifying) {",
    mutator: "ConditionalExpression",
    original: "members === undefined",
    replacement: "false",
    reason: "a key of another kind fits no algorithm, and is passed over below",
  },
  {
    file: "lambda/auth/jwk.ts",
    on: "return exponent >= MIN_RSA_EXPONENT && exponent < MAX_RSA_EXPONENT && exponent % 2n === 1n;",
    mutator: "EqualityOperator",
    original: "exponent < MAX_RSA_EXPONENT",
    replacement: "exponent <= MAX_RSA_EXPONENT",
    reason: "the bound is even, and an even exponent is refused",
  },
  {
    file: "lambda/auth/refresh-token-verifier.ts",
    on: 'const verified = await verify(refreshToken, "body").catch((error: unknown) => {',
    mutator: "StringLiteral",
    original: '"body"',
    replacement: '""',
    reason: "it is asked only whether a token is a bearer, or from the token endpoint",
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
    file: "lambda/refresh/recover.ts",
    on: 'return task.kind === "take-over" && task.owner !== lease?.owner;',
    mutator: "OptionalChaining",
    original: "lease?.owner",
    replacement: "lease.owner",
    reason: "a take-over has nothing to do where there is no lease; the `?` is for the type",
  },
  {
    file: "lambda/refresh/waiting.ts",
    on: "await recovery?.takeOver({ sub, grantId, owner: lease.owner }, revision);",
    mutator: "OptionalChaining",
    original: "recovery?.takeOver",
    replacement: "recovery.takeOver",
    reason: "where tokens rotate there is a queue; the `?` is for the type",
  },
];
