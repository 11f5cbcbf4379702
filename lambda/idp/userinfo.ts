/** The UserInfo endpoint (OpenID Connect Core 5.3), read with care: whatever is wrong is no answer, never an error. */
import type { HttpClient, IdpProfile, Userinfo } from "../ports";

const MAX_BYTES = 65_536;

export function createUserinfo(options: {
  readonly url: string;
  readonly profile: IdpProfile;
  readonly http: HttpClient;
}): Userinfo {
  const { url, profile, http } = options;
  return {
    read: async (accessToken, sub, timeoutMs) => {
      const request = {
        ...({ method: "GET", url, timeoutMs, maxBytes: MAX_BYTES } as const),
        headers: { accept: "application/json", authorization: `Bearer ${accessToken}` },
      };
      try {
        const { status, body } = await http.send(request);
        return status >= 200 && status < 300
          ? readAnswer(body, sub, profile)
          : { kind: "unavailable" };
      } catch {
        return { kind: "unavailable" };
      }
    },
  };
}

/** `sub` must be the one that was asked about (OIDC Core 5.3.2): tokens may have been swapped on the way. */
function readAnswer(
  body: Uint8Array,
  sub: string,
  profile: IdpProfile,
): Awaited<ReturnType<Userinfo["read"]>> {
  const answer = JSON.parse(Buffer.from(body).toString("utf8")) as unknown;
  if (typeof answer !== "object" || answer === null || !Object.hasOwn(answer, "sub")) {
    return { kind: "unavailable" };
  }
  const members = answer as Readonly<Record<string, unknown>>;
  return members["sub"] === sub
    ? { kind: "claims", claims: profile.pickUserinfo(members) }
    : { kind: "foreign" };
}
