/** How a check says that it failed, or could not be made. */

export type Headers = Readonly<Record<string, string>>;

/** The deployment does not do what it should; one sentence. */
export class Failed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Failed";
  }
}

/** The check could not be made; the message says why. */
export class Skipped extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Skipped";
  }
}

export function assertThat(holds: boolean, otherwise: string): void {
  if (!holds) {
    throw new Failed(otherwise);
  }
}

/** @throws Skipped: an earlier check, which has said why, did not get this far */
export function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) {
    throw new Skipped(`there is no ${what}`);
  }
  return value;
}
