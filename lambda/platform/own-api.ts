/**
 * Calls this product's own API with the caller's credential. A function without any right to grants
 * or keys can so use exactly what its caller may have.
 */
import * as v from "valibot";
import type { HttpClient } from "../ports/http-client";
import type { OwnApi } from "../ports/provider";

const MAX_BYTES = 65_536;

const answerSchema = v.object({ access_token: v.pipe(v.string(), v.minLength(1)) });

export function createOwnApi(options: {
  /** Address of the API, with a slash at its end. */
  readonly url: string;
  readonly http: HttpClient;
}): OwnApi {
  const { url, http } = options;
  return {
    accessToken: async (credentials, timeoutMs) => {
      try {
        const { status, body } = await http.send({
          method: "POST",
          timeoutMs,
          maxBytes: MAX_BYTES,
          url: new URL("me/access-token", url).href,
          headers: { ...credentials, "content-type": "application/json" },
          body: "{}",
        });
        const answer = JSON.parse(Buffer.from(body).toString("utf8")) as unknown;
        return status === 200 ? v.parse(answerSchema, answer).access_token : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
