/**
 * A sign-in at any provider: a code with PKCE and a nonce (RFC 7636, OpenID Connect Core 3.1.2),
 * which the API spends.
 */
import { createHash, randomBytes } from "node:crypto";
import { LocalRunError } from "./local-run-error";
import type { Outputs } from "./outputs";

export type Provider = Pick<
  Outputs,
  "provider" | "issuer" | "clientId" | "authorizationEndpoint" | "frontend"
>;

export type Answer = Readonly<Record<string, string>>;

export interface AuthorizationRequest {
  /** At which the person signs in. */
  readonly address: string;
  readonly state: string;
  /** What must not be found in a table. */
  readonly secrets: readonly string[];
  /** The body of `POST /sessions`. */
  spend(code: string): Readonly<Record<string, string>>;
}

export interface Wanted {
  readonly redirectUri: string;
  /** Before the state's random part, for who receives the answer. */
  readonly prefix?: string;
  /** Whom a local provider signs in without a page. */
  readonly user?: string;
}

const MAX_REDIRECTS = 10;

export function authorizationRequest(
  { authorizationEndpoint, clientId, frontend }: Provider,
  { redirectUri, prefix = "", user }: Wanted,
): AuthorizationRequest {
  const [state, verifier, nonce] = [`${prefix}${random()}`, random(), random()];
  const address = new URL(authorizationEndpoint);
  const query = {
    ...frontend.parameters,
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: frontend.scope,
    state,
    ...(frontend.nonce && { nonce }),
    ...(frontend.pkce && { code_challenge: hashed(verifier), code_challenge_method: "S256" }),
    ...(user !== undefined && { user }),
  };
  for (const [name, value] of Object.entries(query)) {
    address.searchParams.set(name, value);
  }
  return {
    address: address.href,
    state,
    secrets: [verifier],
    spend: (code) => ({
      code,
      redirect_uri: redirectUri,
      ...(frontend.nonce && { nonce }),
      ...(frontend.pkce && { code_verifier: verifier }),
    }),
  };
}

/** @throws LocalRunError where the provider's answer is none to this request */
export function codeFrom(answer: Answer, { provider, issuer, frontend }: Provider, state: string) {
  const { code = "", error } = answer;
  // RFC 9207: another provider's code is not for this one.
  if (answer["iss"] === undefined ? frontend.iss : answer["iss"] !== issuer) {
    throw new LocalRunError(`the answer does not name ${issuer} as its issuer`);
  }
  if (error !== undefined || answer["state"] !== state || code === "") {
    throw new LocalRunError(`${provider} answered ${readable(error)} instead of a code`);
  }
  return code;
}

/** To a local provider as a browser would go, with its cookies. @throws LocalRunError */
export async function goThere(address: string, redirectUri: string): Promise<Answer> {
  const cookies = new Map<string, string>();
  let url = address;
  for (let steps = 0; steps < MAX_REDIRECTS; steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    await response.body?.cancel();
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    url = new URL(response.headers.get("location") ?? "", url).href;
    if (url.startsWith(`${redirectUri}?`)) {
      return Object.fromEntries(new URL(url).searchParams);
    }
  }
  throw new LocalRunError("the local provider did not come back with an answer");
}

/** RFC 6749 section 4.1.2.1: an error is a short word. */
function readable(error: string | undefined): string {
  return error !== undefined && /^[\w-]{1,64}$/.test(error) ? error : "something else";
}

function random(): string {
  return randomBytes(32).toString("base64url");
}

function hashed(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}
