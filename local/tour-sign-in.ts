/**
 * The tour's sign-in at any provider: a code with PKCE and a nonce (RFC 7636, OpenID Connect Core
 * 3.1.2), which the API spends. At a local provider the tour goes as a person; elsewhere somebody
 * has to.
 */
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalRunError } from "./local-run-error";
import { openInBrowser } from "./open-page";
import { pageRedirectUri } from "./page/page-content";
import { TOUR_CALLBACK } from "./page/tour-callbacks";
import { textOf } from "./tour-client";
import { PERSON, type SignedIn, type Tour } from "./tour-world";

const FIVE_MINUTES_MS = 300_000;
const POLL_MS = 500;
const MAX_REDIRECTS = 10;

type Answer = Readonly<Record<string, string>>;

export async function signInByCode(tour: Tour): Promise<SignedIn> {
  const { outputs, show, send } = tour;
  const { provider, isLocalProvider, apiUrl, pageUrl, frontend } = outputs;
  const redirectUri = pageRedirectUri(pageUrl);
  const [state, verifier, nonce] = [`tour.${random()}`, random(), random()];
  const address = new URL(outputs.authorizationEndpoint);
  const query = {
    ...frontend.parameters,
    response_type: "code",
    client_id: outputs.clientId,
    redirect_uri: redirectUri,
    scope: frontend.scope,
    state,
    ...(frontend.nonce && { nonce }),
    ...(frontend.pkce && { code_challenge: hashed(verifier), code_challenge_method: "S256" }),
    ...(isLocalProvider && { user: PERSON }),
  };
  for (const [name, value] of Object.entries(query)) {
    address.searchParams.set(name, value);
  }
  show.heading(`${isLocalProvider ? PERSON : "A person"} signs in at ${provider}`);
  const answer = isLocalProvider
    ? await goThere(address.href, redirectUri)
    : await sendPerson(tour, address.href, state);
  const { code = "", error } = answer;
  // RFC 9207: another provider's code is not for this one.
  if (answer["iss"] === undefined ? frontend.iss : answer["iss"] !== outputs.issuer) {
    throw new LocalRunError(`the answer does not name ${outputs.issuer} as its issuer`);
  }
  if (error !== undefined || answer["state"] !== state || code === "") {
    throw new LocalRunError(`${provider} answered ${readable(error)} instead of a code`);
  }
  show.heading("The API spends the code: it alone can show who this app is");
  const { body } = await send({
    method: "POST",
    url: `${apiUrl}/sessions`,
    json: {
      code,
      redirect_uri: redirectUri,
      ...(frontend.nonce && { nonce }),
      ...(frontend.pkce && { code_verifier: verifier }),
    },
    expect: [201],
  });
  const bearer = textOf((body["session"] ?? {}) as Record<string, unknown>, "token");
  const { access_token: accessToken } = (body["access_token"] ?? {}) as Record<string, unknown>;
  const secrets = [code, verifier, bearer, accessToken];
  return { bearer, secrets: secrets.filter((secret) => typeof secret === "string") };
}

/** As a browser would, with its cookies. @throws LocalRunError */
async function goThere(address: string, redirectUri: string): Promise<Answer> {
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

/** @throws LocalRunError where nobody has signed in in time */
async function sendPerson({ outputs, show, options }: Tour, address: string, state: string) {
  const { provider, pageUrl } = outputs;
  const { open = false, patienceMs = FIVE_MINUTES_MS, signal } = options;
  show.address(address);
  if (open && !(await openInBrowser(address))) {
    show.note("no browser could be started");
  }
  show.note(`open it in a browser on this machine, and sign in; the tour waits`);
  const until = Date.now() + patienceMs;
  const url = `${pageUrl}${TOUR_CALLBACK}?${new URLSearchParams({ state }).toString()}`;
  while (Date.now() < until) {
    signal?.throwIfAborted();
    const answer = (await (await fetch(url)).json()) as Answer;
    if (answer["state"] === state) {
      return answer;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
  const seconds = Math.ceil(patienceMs / 1000);
  const time = seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
  throw new LocalRunError(
    `nobody has signed in at ${provider} within ${time}: npm run tour begins again`,
  );
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
