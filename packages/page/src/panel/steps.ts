/** The last action as arrows in order of time: the browser's requests, and those behind the API. */

export interface Sent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** Undefined while it runs, null without an answer. */
  status?: number | null;
  durationMs?: number;
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
 */
export function stepsOf(
  { startedAt, sent }: Action,
  activities: readonly Activity[],
  origins: Origins,
): readonly Step[] {
  const seen = new Set(activities.filter(({ from }) => from === "browser").map(({ what }) => what));
  const own = sent.filter(
    ({ origin, method, path }) => origin !== origins.provider || !seen.has(`${method} ${path}`),
  );
  return [
    ...own.flatMap((request) => fromBrowser(request, origins)),
    ...activities.flatMap((activity) => fromActivity(activity)),
  ]
    .map((step) => ({ ...step, at: Math.max(0, step.at - startedAt) }))
    .sort((one, other) => one.at - other.at);
}

function fromBrowser(
  { at, method, path, origin, status, durationMs }: Sent,
  origins: Origins,
): Step[] {
  const to = origin === origins.provider ? "Provider" : origin === origins.api ? "API" : "Your API";
  return pair({ at, from: "Browser", to, what: `${method} ${path}`, status, durationMs });
}

function fromActivity({ at, from, to, what, status, duration_ms: durationMs }: Activity): Step[] {
  const target = ACTORS.find((actor) => actor === to);
  return target === undefined
    ? []
    : pair({
        at,
        from: from === "browser" ? "Browser" : "API",
        to: target,
        what,
        status,
        durationMs,
      });
}

interface RequestPair {
  readonly at: number;
  readonly from: Actor;
  readonly to: Actor;
  readonly what: string;
  readonly status?: number | null;
  readonly durationMs?: number;
}

/** The request, and the answer if it is known. */
function pair({ at, from, to, what, status, durationMs }: RequestPair): Step[] {
  const there = { at, from, to, what, isAnswer: false, isBad: false };
  if (status === undefined || durationMs === undefined) {
    return [there];
  }
  const isBad = status === null || status >= 400;
  const text = status === null ? "no answer" : String(status);
  return [there, { at: at + durationMs, from: to, to: from, what: text, isAnswer: true, isBad }];
}
