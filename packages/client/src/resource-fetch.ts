/** `fetch` with the access token, to the listed origins only. */
import type { Core } from "./core.js";
import { failure, vaultError, wrongOptions } from "./errors.js";
import { eventually } from "./safely.js";

/** @throws VaultError `invalid_options` */
export function createResourceFetch({
  accessTokens,
  fetch,
  origins = [],
}: Core): typeof globalThis.fetch {
  for (const each of origins) {
    // Plain http only to the own machine.
    if (!/^(https:\/\/[^/]+|http:\/\/(localhost|127\.[\d.]+|\[::1])(:\d+)?)$/.test(each)) {
      throw wrongOptions(`No https origin: ${each}`);
    }
  }

  async function send(request: Request, token: string): Promise<Response> {
    // Some browsers would send this header on to the target of a redirect.
    const copy = new Request(request.clone(), { redirect: "error" });
    copy.headers.set("authorization", `Bearer ${token}`);
    try {
      return await fetch(copy);
    } catch (error) {
      throw request.signal.aborted ? error : vaultError(error, "retry", "network");
    }
  }

  return async (input, init) => {
    const request = new Request(input, init);
    if (!origins.includes(new URL(request.url).origin)) {
      throw failure("fix_request", "origin_not_allowed");
    }
    const { access_token: first } = await accessTokens.obtain(request);
    const response = await send(request, first);
    if (response.status !== 401) {
      return response;
    }
    const { access_token: second } = (await accessTokens.renew(first, request.signal)) ?? {};
    if (!second || second === first) {
      return response;
    }
    void eventually(() => response.body?.cancel());
    return await send(request, second);
  };
}
