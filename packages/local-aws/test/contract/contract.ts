/**
 * A contract: statements about a service, each with what is observed and what AWS documents. Any
 * engine may be held to it; where one differs, it says so, with the reason and what it does.
 */
export interface Statement<E> {
  /** What the service does; unique in its contract. */
  readonly says: string;
  readonly observe: (engine: E) => Promise<unknown>;
  /** By the documentation of AWS. */
  readonly expected: unknown;
}

export interface Difference {
  readonly reason: string;
  /** What is observed instead. A difference that has gone away fails its test. */
  readonly observed: unknown;
}

export interface Closable {
  close(): Promise<void>;
}

/**
 * Defines one test for each statement.
 * @param open an engine that shares nothing with the one of another test
 * @param differences by {@link Statement.says}
 */
export function testContract<E extends Closable>(
  statements: readonly Statement<E>[],
  open: () => Promise<E>,
  differences: Readonly<Record<string, Difference>> = {},
): void {
  let engine: E;

  beforeEach(async () => {
    engine = await open();
  });

  afterEach(async () => {
    await engine.close();
  });

  test.each(statements.filter(({ says }) => !Object.hasOwn(differences, says)))(
    "$says",
    async ({ observe, expected }) => {
      expect(await observe(engine)).toEqual(expected);
    },
  );

  const known = Object.entries(differences).map(([says, difference]) => {
    const statement = statements.find((one) => one.says === says);
    return { says, statement, ...difference };
  });
  if (known.length > 0) {
    test.each(known)("differs: $says ($reason)", async ({ says, statement, observed }) => {
      if (statement === undefined) {
        throw new Error(`the contract has no statement "${says}"`);
      }
      const result = await statement.observe(engine);
      expect(result).toEqual(observed);
      expect(result).not.toEqual(statement.expected);
    });
  }
}

/** @returns name of the error that the call ends with, or "none" */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    return (error as Error).name;
  }
}
