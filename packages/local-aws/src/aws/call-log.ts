/** Remembers which access key called what. */
import type { AwsCall, OnCall } from "./call";

export interface CallLog {
  readonly add: OnCall;
  readonly calls: () => readonly AwsCall[];
  readonly reset: () => void;
}

/** A local run may last for weeks. */
const MAX_CALLS_KEPT = 100_000;

/** @param tell told of every call after it was counted; what it returns is handed on */
export function createCallLog(tell: OnCall | undefined): CallLog {
  const calls: AwsCall[] = [];
  return {
    add: (call, input) => {
      if (calls.push(call) > MAX_CALLS_KEPT) {
        calls.splice(0, MAX_CALLS_KEPT / 2);
      }
      return tell?.(call, input);
    },
    calls: () => [...calls],
    reset: () => {
      calls.length = 0;
    },
  };
}
