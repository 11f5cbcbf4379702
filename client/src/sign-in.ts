/** The way to the provider and back (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core 3.1.2). */
import type { Environment } from "./environment.js";
import { signInError, wrongOptions } from "./errors.js";
import type { ProviderOptions, SignInOptions, TextStorage } from "./types.js";

/** What `POST /sessions` takes. */
export interface CodeProof {
  readonly code: string;
  readonly redirect_uri: string;
  readonly code_verifier?: string;
  readonly nonce?: string;
}

export interface ReturnedSignIn {
  readonly proof: CodeProof;
  readonly returnTo: string | undefined;
}

interface Pending {
  readonly state: string;
  readonly returnTo: string | undefined;
  readonly proof: Omit<CodeProof, "code">;
}

interface Answer {
  readonly code?: string;
  readonly error?: string;
  readonly state?: string;
}

interface SignInDependencies {
  readonly environment: Pick<Environment, "page">;
  /** Undefined: memory alone. */
  readonly storage: TextStorage | undefined;
  readonly key: string;
  readonly provider: ProviderOptions | undefined;
}

const ROLLUP_ID = "https://passport.rollup.id/authorize";
const RANDOM_BYTES = 32;
/** Of the provider's answer. */
const PARAMETERS = ["code", "state", "error", "error_description", "iss"];

export function createSignIn({ environment, storage, key, provider }: SignInDependencies) {
  const { page } = environment;
  let inMemory: string | null | undefined;

  /** The address to send the person to. @throws VaultError `invalid_options` */
  async function start({ returnTo, parameters = {} }: SignInOptions): Promise<string> {
    if (provider === undefined) {
      throw wrongOptions("Signing in takes the option provider.");
    }
    const { clientId, redirectUri, scope = "openid profile", pkce, nonce } = provider;
    const state = random();
    const proof = {
      redirect_uri: redirectUri,
      ...(pkce && { code_verifier: random() }),
      ...(nonce && { nonce: random() }),
    };
    const { code_verifier: verifier, ...visible } = proof;
    const pending: Pending = { state, returnTo: checked(returnTo), proof };
    const url = new URL(provider.authorizationEndpoint ?? ROLLUP_ID);
    const query = {
      ...{ scope, ...parameters, response_type: "code", client_id: clientId, state, ...visible },
      ...(verifier && {
        code_challenge: await challengeOf(verifier),
        code_challenge_method: "S256",
      }),
    };
    for (const [name, value] of Object.entries(query)) {
      url.searchParams.set(name, value);
    }
    inMemory = JSON.stringify(pending);
    await storage?.setItem(key, inMemory);
    return url.href;
  }

  /** Never anywhere else than on this origin, whoever made the link that says so. */
  function checked(returnTo: string | undefined): string | undefined {
    if (page === undefined) {
      return returnTo;
    }
    const { href, origin } = page.location;
    const url = new URL(returnTo ?? href, href);
    if (url.origin !== origin) {
      throw wrongOptions("returnTo must be on this origin.");
    }
    return withoutAnswer(url).href;
  }

  /** Undefined where the address is no answer of the provider's. @throws VaultError `sign_in_denied`, `state_mismatch` */
  function finish(href: string): Promise<ReturnedSignIn> | undefined {
    // Older builds of Rollup ID write `?=error=access_denied`.
    const url = new URL(href.replace("?=", "?"));
    const answer: Answer = Object.fromEntries(url.searchParams);
    if (answer.code === undefined && answer.error === undefined) {
      return undefined;
    }
    // At once: a code has no business in the history, nor in what is sent as referrer.
    page?.history.replaceState(page.history.state, "", withoutAnswer(url).href);
    return judge(answer);
  }

  async function judge({ code = "", error, state }: Answer): Promise<ReturnedSignIn> {
    const text = storage ? await storage.getItem(key) : inMemory;
    inMemory = null;
    await storage?.removeItem(key);
    if (error !== undefined) {
      throw signInError("The provider did not sign the person in.", "sign_in_denied", error);
    }
    const pending = JSON.parse(text ?? "{}") as Partial<Pending>;
    const { proof, returnTo } = pending;
    if (proof === undefined || pending.state !== state) {
      throw signInError("This sign-in did not begin here.", "state_mismatch");
    }
    return { proof: { code, ...proof }, returnTo };
  }

  return { start, finish };
}

function withoutAnswer(url: URL): URL {
  const clean = new URL(url);
  for (const name of PARAMETERS) {
    clean.searchParams.delete(name);
  }
  return clean;
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
}

async function challengeOf(verifier: string): Promise<string> {
  const bytes = new TextEncoder().encode(verifier);
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
