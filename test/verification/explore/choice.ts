/** One possible next event, and its text. */
import type { EpochMs } from "../../../lambda/model";
import { readToken } from "./provider";
import type { Configuration } from "./scenario";
import type { State } from "./state";

export type Fault =
  | "none"
  | "crash"
  | "applied, then crash"
  | "request lost"
  | "answer lost"
  | "not sent"
  | "error"
  | "error, applied"
  | "outage"
  | "late";

export type Choice =
  | {
      readonly kind: "caller";
      readonly caller: number;
      readonly fault: Fault;
      readonly to: EpochMs;
    }
  | { readonly kind: "time"; readonly to: EpochMs; readonly why: string }
  /** A consumer takes an item from the queue. */
  | {
      readonly kind: "deliver";
      readonly message: number;
      readonly isTwice: boolean;
    }
  /** The provider stops accepting the predecessor. */
  | { readonly kind: "close"; readonly family: number };

const FAULTS: readonly Fault[] = [
  ...(["crash", "applied, then crash", "request lost", "answer lost", "not sent"] as const),
  ...(["error", "error, applied", "outage"] as const),
];

export function isFault(choice: Choice): boolean {
  return choice.kind === "caller"
    ? FAULTS.includes(choice.fault)
    : choice.kind === "deliver" && choice.isTwice;
}

/** One line of a schedule, for people. */
export function describe({ roles }: Configuration, state: State, choice: Choice): string {
  if (choice.kind === "close") {
    return "the provider's grace time ends";
  }
  if (choice.kind === "time") {
    return `+${String((choice.to - state.now) / 1000)} s: ${choice.why}`;
  }
  if (choice.kind === "deliver") {
    const what = state.queue[choice.message]?.task.kind ?? "";
    return `the queue brings ${what}${choice.isTwice ? ", and will again" : ""}`;
  }
  const { caller, fault } = choice;
  const request = state.callers[caller]?.processState?.pending.request;
  const what =
    request === undefined
      ? "starts and reads"
      : request.kind === "send"
        ? `sends refresh token ${String(readToken(request.token).serial)}`
        : request.kind === "write"
          ? `writes ${request.next.status}${request.next.lease === undefined ? "" : " with a lease"}`
          : request.kind;
  const passed = choice.to > state.now ? `+${String((choice.to - state.now) / 1000)} s: ` : "";
  return `${passed}${roles[caller] ?? (state.callers[caller]?.message === undefined ? "later" : "recover")} ${String(caller)} ${what}${fault === "none" ? "" : ` (${fault})`}`;
}
