/**
 * `fetch` with the access token, to the listed origins only: `rollup-vault-client/fetch`. An entry
 * of its own, so that apps whose backend calls the provider load nothing of it.
 */
import type { HasCore } from "./core.js";
import { eventually } from "./safely.js";
import { type VaultClient, VaultError } from "./vault-client.js";

/** Plain http only to the own machine. */
const ORIGIN = /^(https:\/\/[^/]+|http:\/\/(localhost|127\.[\d.]+|\[::1])(:\d+)?)$/;

/**
 * After a 401 it asks once more, with a new token. Redirects are errors.
 * @param origins that may receive access tokens, e.g. `["https://passport.rollup.id"]`
 * @returns like the global `fetch`; rejects with VaultError `origin_not_allowed` for any other
 *   origin, and else as the client's own calls do
 * @throws VaultError `invalid_options`
 */
export function createFetch(
  vault: VaultClient,
  origins: readonly string[],
): typeof globalThis.fetch {
  if (!Array.isArray(origins)) {
    throw new VaultError("No list of origins", { action: "fix_request", code: "invalid_options" });
  }
  for (const each of origins as readonly string[]) {
    if (!ORIGIN.test(each)) {
      const message = `No https origin: ${each}`;
      throw new VaultError(message, { action: "fix_request", code: "invalid_options" });
    }
  }
  const { accessTokens, fetch, guard } = (vault as VaultClient & HasCore).core;

  async function send(request: Request, token: string): Promise<Response> {
    // Some browsers would send this header on to the target of a redirect.
    const copy = new Request(request.clone(), { redirect: "error" });
    copy.headers.set("authorization", `Bearer ${token}`);
    try {
      return await fetch(copy);
    } catch (cause) {
      throw new VaultError(undefined, { action: "retry", code: "network", cause });
    }
  }

  const { once } = guard({
    once: async (request: Request) => {
      if (!origins.includes(new URL(request.url).origin)) {
        throw new VaultError(undefined, { action: "fix_request", code: "origin_not_allowed" });
      }
      const { access_token: first } = await accessTokens.obtain();
      const response = await send(request, first);
      if (response.status !== 401) {
        return response;
      }
      const { access_token: second } = (await accessTokens.renew(first)) ?? {};
      if (!second || second === first) {
        return response;
      }
      void eventually(() => response.body?.cancel());
      return await send(request, second);
    },
  });

  return async (...given) => {
    let request: Request;
    try {
      request = new Request(...given);
    } catch (cause) {
      throw new VaultError(undefined, { action: "fix_request", code: "unsupported", cause });
    }
    return await once(request);
  };
}
