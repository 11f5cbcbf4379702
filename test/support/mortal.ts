/** Stores that die at one call. */
export class Crash extends Error {}

export interface Plan {
  fatal: number;
  isApplied: boolean;
  calls: number;
}

/**
 * Dies at the `fatal`-th call, before the store hears of it or before its answer arrives; then it
 * is alive again.
 */
export function mortal<P extends object>(plan: Plan, port: P): P {
  return new Proxy(port, {
    get(target, method) {
      const real = Reflect.get(target, method) as (...all: unknown[]) => Promise<unknown>;
      return async (...all: unknown[]) => {
        plan.calls += 1;
        const isFatal = plan.calls === plan.fatal;
        if (isFatal && !plan.isApplied) {
          throw new Crash();
        }
        const answer = await real(...all);
        if (isFatal) {
          throw new Crash();
        }
        return answer;
      };
    },
  });
}
