/**
 * An error that the user who started the run can remove: shown as one sentence, without a stack.
 */
export class LocalRunError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LocalRunError";
  }
}

/** The message and those of its causes, one line each. */
export function explain(error: unknown): string {
  const lines: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    lines.push(current.message);
  }
  return lines.length === 0 ? String(error) : lines.join("\n  because: ");
}

/** For an error that only a change of the code removes. */
export function describeBug(error: unknown): string {
  return error instanceof Error ? `${explain(error)}\n${error.stack ?? ""}` : String(error);
}

export function hasCode(error: unknown, code: string): boolean {
  return (error as { readonly code?: unknown } | null | undefined)?.code === code;
}
