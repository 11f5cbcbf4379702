/** Makes the checks one after another, whatever becomes of each. */
import type { Check, Run } from "./check";
import { Failed, Skipped } from "./verdict";

export interface Result {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly ms: number;
  /** Why it failed, or could not be made. */
  readonly why?: string;
}

/** @param show called when a check is done */
export async function runChecks(
  checks: readonly Check[],
  run: Run,
  { show, signal }: { readonly show: (result: Result) => void; readonly signal?: AbortSignal },
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const check of checks) {
    const startedAt = performance.now();
    const isOver = signal?.aborted === true && check.always !== true;
    const verdict = isOver ? skipped("the run was stopped") : await judge(check, run);
    const result = { name: check.name, ms: Math.round(performance.now() - startedAt), ...verdict };
    results.push(result);
    show(result);
  }
  return results;
}

type Verdict = Omit<Result, "name" | "ms">;

async function judge(check: Check, run: Run): Promise<Verdict> {
  try {
    await check.run(run);
    return { outcome: "passed" };
  } catch (error) {
    if (error instanceof Skipped) {
      return skipped(error.message);
    }
    // Any other error is one of the check itself, which must not look as if it had passed.
    const why = error instanceof Failed ? error.message : `the check broke: ${String(error)}`;
    return { outcome: "failed", why };
  }
}

function skipped(why: string): Verdict {
  return { outcome: "skipped", why };
}
