/**
 * Finds somebody to sign in: at the local run's provider by itself, else by tokens that the caller
 * brings, or by a person who opens an address.
 */
import { randomBytes } from "node:crypto";
import { createHttpClient } from "../../lambda/platform/http-client";
import { discover } from "../../lib/provider/discovery";
import { authorizationRequest, codeFrom, goThere } from "../../local/code-sign-in";
import type { Outputs } from "../../local/outputs";
import { fetchTokens } from "../../local/rollup-id-tokens";
import type { Deployment } from "./deployment";
import type { Person, Tokens } from "./person";
import { Failed } from "./verdict";

export interface Given {
  readonly idToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  readonly foreignIdToken?: string | undefined;
}

export interface SignInOptions {
  readonly given: Given;
  readonly again?: () => Promise<Tokens>;
  /** For a sign-in in a browser; absent: not asked for. */
  readonly browser?: {
    readonly redirectUri: string | undefined;
    /** Shows the address, and returns the one that the person was sent back to. */
    readonly ask: (address: string) => Promise<string>;
  };
}

/** @returns a person, or why there is none */
export async function findPerson(
  deployment: Deployment,
  { given, again, browser }: SignInOptions,
): Promise<Person | string> {
  const { idToken, refreshToken, foreignIdToken } = given;
  if (idToken !== undefined && refreshToken !== undefined) {
    return {
      kind: "tokens",
      tokens: { idToken, refreshToken },
      ...(foreignIdToken && { foreignIdToken }),
      ...(again && { again }),
    };
  }
  if (browser !== undefined) {
    return await inBrowser(deployment, browser);
  }
  const { outputs } = deployment;
  if (outputs?.isLocalProvider === true) {
    return await atLocalProvider(outputs, foreignIdToken);
  }
  return (
    "give SMOKE_ID_TOKEN and SMOKE_REFRESH_TOKEN of a person made for it in the environment, " +
    "or the two on standard input (--tokens -), or say --sign-in"
  );
}

async function atLocalProvider(outputs: Outputs, foreignIdToken?: string): Promise<Person> {
  const name = `Smoke ${randomBytes(4).toString("hex")}`;
  if (outputs.faults?.kind === "rollup-id") {
    const again = async (): Promise<Tokens> => await fetchTokens(outputs, name);
    const tokens = await again();
    const foreign = foreignIdToken ?? (await foreignToken(outputs, name));
    return { kind: "tokens", tokens, again, foreignIdToken: foreign };
  }
  const request = authorizationRequest(outputs, { redirectUri: outputs.redirectUri, user: name });
  const answer = await goThere(request.address, outputs.redirectUri);
  return { kind: "code", spend: request.spend(codeFrom(answer, outputs, request.state)) };
}

async function foreignToken({ issuer }: Outputs, user: string): Promise<string> {
  const query = new URLSearchParams({ user }).toString();
  const answer: unknown = await (await fetch(`${issuer}/foreign-id-token?${query}`)).json();
  return (answer as { readonly id_token: string }).id_token;
}

async function inBrowser(
  deployment: Deployment,
  { redirectUri, ask }: NonNullable<SignInOptions["browser"]>,
): Promise<Person> {
  const provider = deployment.outputs ?? (await described(deployment));
  const back = redirectUri ?? deployment.outputs?.redirectUri;
  if (back === undefined) {
    throw new Failed("name a redirect URI of the stage (--redirect-uri) for --sign-in");
  }
  const request = authorizationRequest(provider, { redirectUri: back });
  const pasted = await ask(request.address);
  const answer = URL.canParse(pasted) ? new URL(pasted).searchParams : new URLSearchParams();
  const code = codeFrom(Object.fromEntries(answer), provider, request.state);
  return { kind: "code", spend: request.spend(code) };
}

/** As far as its discovery document says. */
async function described({ idp }: Deployment) {
  const { issuer, clientId, profile } = idp;
  const { authorizationEndpoint } = await discover(issuer, { http: createHttpClient() });
  const isRollup = profile === "rollup";
  const frontend = {
    scope: isRollup ? "openid profile email" : "openid offline_access",
    parameters: {},
    pkce: !isRollup,
    nonce: !isRollup,
    iss: false,
  };
  return { provider: issuer, issuer, clientId, authorizationEndpoint, frontend };
}
