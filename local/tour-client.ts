/** Sends the tour's requests, shows them, and refuses every answer that is not the expected one. */
import { LocalRunError } from "./local-run-error";
import type { Shown } from "./tour-show";

interface TourRequest {
  readonly method: "GET" | "PUT" | "POST";
  readonly url: string;
  readonly bearer?: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** Statuses that are right. */
  readonly expect: readonly number[];
}

interface TourAnswer {
  readonly location: string | null;
  /** Parsed JSON, or an empty object. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type Send = (request: TourRequest) => Promise<TourAnswer>;

const TIMEOUT_MS = 20_000;

export function createSend(show: Shown): Send {
  return async (request) => {
    const { method, url, bearer, json, form } = request;
    show.sent(`${method} ${url}`, json ?? form);
    const response = await fetch(url, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(json !== undefined && { "content-type": "application/json" }),
      },
      body: form === undefined ? JSON.stringify(json) : new URLSearchParams(form),
    }).catch((error: unknown) => {
      throw new LocalRunError(`${method} ${url} was not answered; is the local run still there?`, {
        cause: error,
      });
    });
    const text = await response.text();
    const location = response.headers.get("location");
    const body = parse(text);
    show.received(response.status, body ?? (location === null ? text : `Location: ${location}`));
    if (!request.expect.includes(response.status)) {
      throw new LocalRunError(
        `${method} ${url} answered ${response.status} instead of ${request.expect.join(" or ")}`,
      );
    }
    return { location, body: body ?? {} };
  };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** @throws LocalRunError saying what is missing */
export function textOf(body: Readonly<Record<string, unknown>>, member: string): string {
  const value = body[member];
  if (typeof value !== "string" || value === "") {
    throw new LocalRunError(`the answer has no "${member}"`);
  }
  return value;
}

export function assertTour(holds: boolean, sentence: string): void {
  if (!holds) {
    throw new LocalRunError(`this does not hold: ${sentence}`);
  }
}
