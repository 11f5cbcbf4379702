/** The way to the provider and back (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core 3.1.2). */
import type { Core } from "./core.js";
import { failure, type VaultError, wrongOptions } from "./errors.js";
import { safely } from "./safely.js";
import { createShelf } from "./shelf.js";
import type { CompletedSignIn, SignInOptions } from "./types.js";
import type { CodeSignInRequest } from "./wire.js";

/** A sign-in in progress, as it lies in the storage: renaming a member would break it off. */
export interface Pending {
  readonly state: string;
  readonly returnTo: string | undefined;
  /** Goes to the API together with the code. */
  readonly proof: Omit<CodeSignInRequest, "code">;
}

const ROLLUP_ID = "https://passport.rollup.id/authorize";
const RANDOM_BYTES = 32;
/** Older builds of Rollup ID refuse with `?=…`, without `state`. */
const LEGACY_REFUSAL = "?=";

export function createSignIn({ page, provider, keeper, key, pageKeeper }: Core) {
  const shelf = createShelf<Pending>(pageKeeper ?? keeper, `${key}.sign-in`);

  /**
   * @returns the authorization URL, and whether `state` and verifier outlive this page
   * @throws VaultError `invalid_options`; errors of `crypto`
   */
  async function start({ returnTo, parameters = {}, scopes = [] }: SignInOptions = {}) {
    if (!provider) {
      throw wrongOptions("Set provider");
    }
    const { clientId, redirectUri, pkce, nonce } = provider;
    const scope = [parameters["scope"] ?? provider.scope ?? "openid profile", ...scopes].join(" ");
    const state = random();
    const verifier = pkce ? random() : undefined;
    const visible = { scope, redirect_uri: redirectUri, ...(nonce && { nonce: random() }) };
    const proof = { ...visible, code_verifier: verifier };
    const url = new URL(provider.authorizationEndpoint ?? ROLLUP_ID);
    const query = {
      ...parameters,
      response_type: "code",
      client_id: clientId,
      state,
      ...visible,
      ...(verifier && {
        code_challenge: base64url(
          await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)),
        ),
        code_challenge_method: "S256",
      }),
    };
    for (const [name, value] of Object.entries(query)) {
      url.searchParams.set(name, value);
    }
    const pending = { state, returnTo: checked(returnTo, redirectUri), proof };
    return { url: url.href, isStored: await shelf.write(pending) };
  }

  /** Only addresses of this origin: a link may have set `returnTo`. */
  function checked(returnTo: string | undefined, redirectUri: string): string | undefined {
    if (!page) {
      return returnTo;
    }
    const { href, origin } = page.location;
    const url = new URL(returnTo ?? href, href);
    if (url.origin !== origin) {
      throw wrongOptions("Wrong returnTo");
    }
    return (isAnswer(url.href) && withoutAnswer(url, redirectUri)) || url.href;
  }

  /**
   * @param open sends the code to the API
   * @returns undefined if the address is not the answer to a sign-in that began here
   * @throws VaultError `sign_in_denied`, also for the answer of another issuer (RFC 9207); errors
   *   of `open`. Code and state are then restored, unless the error asks for a new sign-in.
   */
  async function finish(
    href: string,
    open: (request: CodeSignInRequest) => Promise<Omit<CompletedSignIn, "returnTo">>,
  ): Promise<CompletedSignIn | undefined> {
    const url = new URL(href.replace(LEGACY_REFUSAL, "?"));
    const { code, error, state, iss } = Object.fromEntries(url.searchParams) as Answer;
    const pending = await shelf.read();
    const isOwn = pending && (state ? pending.state === state : href.includes(LEGACY_REFUSAL));
    const clean = isOwn && withoutAnswer(url, pending.proof.redirect_uri);
    if (!clean) {
      return undefined;
    }
    const { proof, returnTo } = pending;
    const issuer = provider?.issuer;
    const isForeign = issuer && iss !== issuer && (provider.iss || iss !== undefined);
    // At once: neither the history nor a referrer may show the code.
    move(href, clean);
    try {
      const reason = isForeign ? "issuer_mismatch" : error;
      if (reason) {
        throw failure("sign_in", "sign_in_denied", { reason });
      }
      const opened = await open({ code: code as string, ...proof });
      await shelf.remove(pending);
      move(clean, returnTo);
      return { ...opened, returnTo };
    } catch (thrown) {
      if ((thrown as Partial<VaultError>).action === "sign_in") {
        await shelf.remove(pending);
        move(clean, returnTo);
        throw Object.assign(thrown as VaultError, { returnTo });
      }
      move(clean, href);
      throw thrown;
    }
  }

  /** Replaces the address, if the address bar still shows `from`. */
  function move(from: string, to: string | undefined): void {
    safely(() => {
      if (page?.location.href === from) {
        page.history.replaceState(page.history.state, "", to);
      }
    });
  }

  return { start, finish };
}

type Answer = Partial<Record<"code" | "error" | "state" | "iss", string>>;

/** Whether the address looks like an authorization response. */
export function isAnswer(href: string): boolean {
  return /[?&=](code|error)=/.test(href);
}

/** Static file servers append a slash to a folder. */
function placeOf({ href }: URL): string | undefined {
  return href.split(/\/?([?#]|$)/)[0];
}

/**
 * The address without what the provider has added, of which no list has it all: of the query only
 * what the redirect URI has itself is the app's (RFC 6749 section 3.1.2). Undefined if the address
 * is not the redirect URI's.
 */
function withoutAnswer(url: URL, redirectUri: string): string | undefined {
  const clean = new URL(url);
  const own = new URL(redirectUri, url);
  clean.search = own.search;
  return placeOf(url) === placeOf(own) ? clean.href : undefined;
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)).buffer);
}

/** Of 32 bytes, a random value or a SHA-256: they end in one `=`. */
function base64url(bytes: ArrayBufferLike): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
}
