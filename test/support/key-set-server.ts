/**
 * The provider's key set address, as the product's HTTP client sees it: counted, and programmable.
 */
import type { HttpClient, HttpRequest, HttpResponse } from "../../lambda/ports";
import { HttpFailure } from "../../lambda/ports";

export interface KeySetServer extends HttpClient {
  readonly requests: HttpRequest[];
  /** Instead of the key set from now on; undefined: the key set again. */
  answer(instead: Partial<HttpResponse> | "down" | "slow" | undefined): void;
}

export function createKeySetServer(jwks: () => unknown): KeySetServer {
  const requests: HttpRequest[] = [];
  let instead: Partial<HttpResponse> | "down" | "slow" | undefined;

  return {
    requests,
    answer: (next) => {
      instead = next;
    },
    send: (request) => {
      requests.push(request);
      if (instead === "down" || instead === "slow") {
        return Promise.reject(new HttpFailure(true, instead === "slow" ? "time" : undefined));
      }
      const body = Buffer.from(JSON.stringify(jwks()));
      return Promise.resolve({ status: 200, headers: {}, body, ...instead });
    },
  };
}
