/** The last action in order of time: the browser's requests, and those behind the API. */
import type { Message } from "./redact";

export interface Sent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** Undefined while it runs, null without an answer. */
  status?: number | null;
  durationMs?: number;
  request?: Message;
  answer?: Message;
}

export interface Action {
  readonly name: string;
  readonly startedAt: number;
  readonly sent: Sent[];
}

/** As `local/page/activity.ts` returns it; the provider is always `Provider`. */
export interface Activity {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly status?: number | null;
  readonly duration_ms?: number;
}

export const ACTORS = [
  "Browser",
  "API",
  "DynamoDB",
  "KMS",
  "Secrets Manager",
  "SQS",
  "Provider",
  "Your API",
] as const;

export type Actor = (typeof ACTORS)[number];

/** How an actor is called on this page. */
export type NameOf = (actor: Actor) => string;

/** A request with its answer. */
export interface Call {
  /** Milliseconds since the action began. */
  readonly at: number;
  readonly from: Actor;
  /** The function that asked, if it is known. */
  readonly by?: string;
  readonly to: Actor;
  readonly what: string;
  /** Undefined if it is not known, null without an answer. */
  readonly status?: number | null;
  readonly durationMs?: number;
  readonly request?: Message;
  readonly answer?: Message;
}

/** One line of the list. */
export interface Step {
  /** Milliseconds since the action began. */
  readonly at: number;
  readonly from: Actor;
  readonly to: Actor;
  readonly what: string;
  readonly isAnswer: boolean;
  readonly isBad: boolean;
}

/** Known origins; every other one is the developer's own API. */
export interface Origins {
  readonly provider: string;
  readonly api: string;
}

/**
 * Page and local provider both record the page's requests to it; the provider's record is drawn.
 * @returns in the order of time
 */
export function callsOf(
  { startedAt, sent }: Action,
  activities: readonly Activity[],
  origins: Origins,
): readonly Call[] {
  const seen = new Map(
    activities
      .filter(({ from }) => from === "browser")
      .map((activity) => [activity.what, activity]),
  );
  const isSeen = ({ origin, method, path }: Sent) =>
    origin === origins.provider && seen.has(`${method} ${path}`);
  const messages = (what: string) => {
    const own = sent.find((each) => isSeen(each) && `${each.method} ${each.path}` === what);
    return { request: own?.request, answer: own?.answer };
  };
  return [
    ...sent.filter((each) => !isSeen(each)).map((request) => fromBrowser(request, origins)),
    ...activities.flatMap((activity) => fromActivity(activity, messages)),
  ]
    .map((call) => ({ ...call, at: Math.max(0, call.at - startedAt) }))
    .sort((one, other) => one.at - other.at);
}

function fromBrowser({ method, path, origin, ...rest }: Sent, origins: Origins): Call {
  const to = origin === origins.provider ? "Provider" : origin === origins.api ? "API" : "Your API";
  return { ...rest, from: "Browser", to, what: `${method} ${path}` };
}

function fromActivity(
  { at, from, to: name, what, status, duration_ms: durationMs }: Activity,
  messages: (what: string) => Pick<Call, "request" | "answer">,
): readonly Call[] {
  const to = ACTORS.find((actor) => actor === name);
  if (to === undefined) {
    return [];
  }
  const isBrowser = from === "browser";
  const asked = isBrowser ? messages(what) : from === "function" ? {} : { by: from };
  return [{ at, from: isBrowser ? "Browser" : "API", to, what, status, durationMs, ...asked }];
}

export function isBad({ status }: Pick<Call, "status">): boolean {
  return status === null || (status !== undefined && status >= 400);
}

export function answerText({ status }: Pick<Call, "status">): string {
  return status === undefined ? "" : status === null ? "no answer" : String(status);
}

/** Each request, and the answer if it is known, in the order of time. */
export function stepsOf(calls: readonly Call[]): readonly Step[] {
  return calls.flatMap(stepsOfCall).sort((one, other) => one.at - other.at);
}

function stepsOfCall(call: Call): readonly Step[] {
  const { at, from, to, what, status, durationMs } = call;
  const there = { at, from, to, what, isAnswer: false, isBad: false };
  if (status === undefined || durationMs === undefined) {
    return [there];
  }
  const back = { at: at + durationMs, from: to, to: from, what: answerText(call) };
  return [there, { ...back, isAnswer: true, isBad: isBad(call) }];
}
