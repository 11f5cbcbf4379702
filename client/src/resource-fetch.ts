/** `fetch` with the access token, to the listed origins and to no other. */
import type { AccessTokens } from "./access-token.js";
import type { Environment } from "./environment.js";
import { VaultError, wrongOptions } from "./errors.js";

/** Plain http is for this very machine. */
const SAFE = /^(?:https:\/\/[^/]+|http:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?)$/;

interface ResourceFetchDependencies {
  readonly environment: Pick<Environment, "fetch" | "page">;
  readonly accessTokens: Pick<AccessTokens, "get" | "replace">;
  readonly origins: readonly string[];
}

/** @throws VaultError `invalid_options` */
export function createResourceFetch(dependencies: ResourceFetchDependencies): typeof fetch {
  const { environment, accessTokens, origins } = dependencies;
  const wrong = origins.find((each) => !SAFE.test(each));
  if (wrong !== undefined) {
    throw wrongOptions(`"${wrong}" is not an https origin.`);
  }

  function send(request: Request, token: string): Promise<Response> {
    // A header that is set here is sent on by some browsers to wherever a redirect leads.
    const copy = new Request(request.clone(), { redirect: "error" });
    copy.headers.set("authorization", `Bearer ${token}`);
    return environment.fetch(copy);
  }

  return async (input, init) => {
    const request = new Request(input, init);
    const { origin } = new URL(request.url);
    if (!origins.includes(origin)) {
      throw new VaultError(`"${origin}" is not one of the client's origins.`, {
        action: "fix_request",
        code: "origin_not_allowed",
      });
    }
    const { signal } = request;
    const { access_token: first } = await accessTokens.get({ signal });
    const response = await send(request, first);
    if (response.status !== 401) {
      return response;
    }
    const { access_token: second } = (await accessTokens.replace(first, signal)) ?? {};
    if (second === undefined || second === first) {
      return response;
    }
    await response.body?.cancel();
    return await send(request, second);
  };
}
