/**
 * Instances of one Lambda function: one call at a time each, a limit for all, and a limit on how
 * fast new ones come (Lambda Developer Guide, "Lambda scaling behavior").
 */
import type { Clock } from "../../../lambda/ports/runtime";
import type { Bucket } from "./bucket";
import type { Refuser } from "./meter";

export interface Account {
  /** Executions of all functions now, in agents. */
  executions: number;
}

export interface Instances<T> {
  /** @returns an instance, or who refuses */
  take(): { readonly instance: T; readonly isNew: boolean } | { readonly refusedBy: Refuser };
  give(instance: T): void;
}

export interface InstancesOptions<T> {
  readonly create: () => T;
  readonly clock: Clock;
  readonly account: Account;
  /** In agents. */
  readonly limits: { readonly account: number; readonly reserved: number | undefined };
  readonly scaling: Bucket;
}

/** About as long as Lambda keeps an instance that nobody calls. */
const IDLE_MS = 10 * 60_000;

export function createInstances<T>(options: InstancesOptions<T>): Instances<T> {
  const { create, clock, account, limits, scaling } = options;
  /** The one that was used last is used next, so that the others can go. */
  const idle: { readonly instance: T; readonly since: number }[] = [];
  let busy = 0;

  function begin(): void {
    busy += 1;
    account.executions += 1;
  }

  return {
    take: () => {
      if (limits.reserved !== undefined && busy >= limits.reserved) {
        return { refusedBy: "reservedConcurrency" };
      }
      if (account.executions >= limits.account) {
        return { refusedBy: "lambdaConcurrency" };
      }
      const warm = idle.pop();
      if (warm !== undefined && clock.now() - warm.since < IDLE_MS) {
        begin();
        return { instance: warm.instance, isNew: false };
      }
      // What is below it has been idle for longer.
      idle.length = 0;
      if (!scaling.take(1)) {
        return { refusedBy: "lambdaScaling" };
      }
      begin();
      return { instance: create(), isNew: true };
    },
    give: (instance) => {
      busy -= 1;
      account.executions -= 1;
      idle.push({ instance, since: clock.now() });
    },
  };
}
