/**
 * Counts the calls of this process to other services, for the line of the request that caused them.
 * Lambda gives an instance one request at a time, so what was counted since the last line is of
 * this one.
 */
import type { HttpClient, HttpRequest } from "../ports/http-client";

export interface Calls {
  dynamodb: number;
  kms: number;
  provider: number;
}

/** Since {@link takeCalls}; attempts, so repetitions by the SDK count as well. */
export const calls: Calls = { dynamodb: 0, kms: 0, provider: 0 };

export function takeCalls(): Readonly<Calls> {
  const taken = { ...calls };
  calls.dynamodb = 0;
  calls.kms = 0;
  calls.provider = 0;
  return taken;
}

/** Counts what passes: a middleware of an SDK client, at the step where each attempt does. */
export function counted(service: keyof Calls) {
  return <Attempt, Answer>(send: (attempt: Attempt) => Promise<Answer>) =>
    async (attempt: Attempt): Promise<Answer> => {
      calls[service] += 1;
      return await send(attempt);
    };
}

/** For requests to the identity provider. */
export function metered(http: HttpClient): HttpClient {
  return { send: counted("provider")((request: HttpRequest) => http.send(request)) };
}
