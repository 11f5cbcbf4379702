/**
 * The UserInfo endpoint (OpenID Connect Core 5.3). A malformed response is an outcome, never an
 * error.
 */
import { type HttpClient, isTimeout } from "../ports/http-client";
import type { PickUserinfo } from "../ports/profile";
import type { Userinfo } from "../ports/provider";
import { isSuccess, parseJson } from "./answer-body";

const MAX_BYTES = 65_536;
/** Names the exceeded limit in the operator's log. */
const SLOW = { setting: "idp.userinfoTimeoutMs" } as const;

export function createUserinfo(options: {
  readonly url: string;
  readonly pickUserinfo: PickUserinfo;
  readonly http: HttpClient;
}): Userinfo {
  const { url, pickUserinfo, http } = options;
  return {
    read: async (accessToken, sub, timeoutMs) => {
      const request = {
        ...({ method: "GET", url, timeoutMs, maxBytes: MAX_BYTES } as const),
        headers: { accept: "application/json", authorization: `Bearer ${accessToken}` },
      };
      try {
        const { status, body } = await http.send(request);
        return isSuccess(status) ? readAnswer(body, sub, pickUserinfo) : { kind: "unavailable" };
      } catch (error) {
        return { kind: "unavailable", ...(isTimeout(error) && SLOW) };
      }
    },
  };
}

/** `sub` must be the user's (OIDC Core 5.3.2), in case the tokens were swapped. */
function readAnswer(
  body: Uint8Array,
  sub: string,
  pickUserinfo: PickUserinfo,
): Awaited<ReturnType<Userinfo["read"]>> {
  const answer = parseJson(body);
  if (typeof answer !== "object" || answer === null || !Object.hasOwn(answer, "sub")) {
    return { kind: "unavailable" };
  }
  const members = answer as Readonly<Record<string, unknown>>;
  const told = typeof members["sub"] === "number" ? String(members["sub"]) : members["sub"];
  if (typeof told !== "string") {
    return { kind: "unavailable" };
  }
  return told === sub ? { kind: "claims", claims: pickUserinfo(members) } : { kind: "foreign" };
}
