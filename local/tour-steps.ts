/** The main job on the running stack, request by request. Any answer that is not right ends it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Outputs } from "./outputs";
import type { Screen } from "./progress";
import { assertTour, createSend, type Send, textOf } from "./tour-client";
import { showItem } from "./tour-item";
import { createShow, type Shown } from "./tour-show";

interface Tour {
  readonly outputs: Outputs;
  readonly show: Shown;
  readonly send: Send;
}

interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

const PERSON = "Ada Lovelace";
/** Long enough to be kept for a moment, short enough to wait for. */
const LIFETIME_SECONDS = 5;
const MIN_VALIDITY_SECONDS = 1;

/** @throws LocalRunError at the first answer that is not right */
export async function runTour(outputs: Outputs, screen: Screen): Promise<void> {
  const show = createShow(screen);
  const tour: Tour = { outputs, show, send: createSend(show) };
  const tokens = await signIn(tour);
  await createUser(tour, tokens);
  await storeRefreshToken(tour, tokens);
  await withShortLifetime(tour, () => useAccessTokens(tour, tokens));
  const sub = await showStatus(tour, tokens);
  await showItem(tour, sub, Object.values(tokens));
  screen.line(
    `\n${screen.style("green", "the tour is complete")}: every answer was as it should be\n`,
  );
}

async function signIn({ outputs, show, send }: Tour): Promise<Tokens> {
  const { issuer, clientId, clientSecret, redirectUri } = outputs;
  show.heading(`${PERSON} signs in at the local Rollup ID`);
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid profile email",
    state: "tour",
    user: PERSON,
  });
  const authorize = await send({
    method: "GET",
    url: `${issuer}/authorize?${query.toString()}`,
    expect: [302],
  });
  const code = new URL(authorize.location ?? "", issuer).searchParams.get("code") ?? "";
  show.note("the app's backend exchanges the code, since only it knows the client secret");
  const form = {
    grant_type: "authorization_code",
    code,
    client_id: clientId,
    client_secret: clientSecret,
  };
  const { body } = await send({ method: "POST", url: `${issuer}/token`, form, expect: [200, 201] });
  return {
    idToken: textOf(body, "id_token"),
    accessToken: textOf(body, "access_token"),
    refreshToken: textOf(body, "refresh_token"),
  };
}

async function createUser({ outputs, show, send }: Tour, { idToken }: Tokens): Promise<void> {
  show.heading("An ID token makes the user");
  const { body } = await send({
    method: "PUT",
    url: `${outputs.apiUrl}/me`,
    bearer: idToken,
    expect: [200, 201],
  });
  textOf(body, "sub");
}

async function storeRefreshToken({ outputs, show, send }: Tour, tokens: Tokens): Promise<void> {
  show.heading("The refresh token is sealed, and never comes out again");
  await send({
    method: "PUT",
    url: `${outputs.apiUrl}/me/refresh-token`,
    bearer: tokens.idToken,
    json: { refresh_token: tokens.refreshToken },
    expect: [200, 201, 204],
  });
}

async function useAccessTokens(tour: Tour, tokens: Tokens): Promise<void> {
  const { show } = tour;
  show.heading("An access token on demand");
  const first = await getAccessToken(tour, tokens);
  show.heading("Asked again, the kept one is still good");
  const kept = await getAccessToken(tour, tokens);
  assertTour(kept.token === first.token, "a kept access token that is still good is used again");
  show.heading("The access token runs out");
  const waitMs = Date.parse(first.expiresAt) - Date.now() + 500;
  show.note(`waiting ${(waitMs / 1000).toFixed(1)} s until ${first.expiresAt} is over`);
  await sleep(waitMs);
  show.heading("Asked again, there is another one");
  const second = await getAccessToken(tour, tokens);
  assertTour(second.token !== first.token, "an access token that ran out is replaced");
}

async function getAccessToken({ outputs, send }: Tour, { idToken }: Tokens) {
  const { body } = await send({
    method: "POST",
    url: `${outputs.apiUrl}/me/access-token`,
    bearer: idToken,
    json: { min_validity: MIN_VALIDITY_SECONDS },
    expect: [200],
  });
  return { token: textOf(body, "access_token"), expiresAt: textOf(body, "expires_at") };
}

/**
 * Rollup ID's access tokens live for an hour; the local one can be told otherwise, and is told
 * back.
 */
async function withShortLifetime({ outputs, show, send }: Tour, work: () => Promise<void>) {
  const url = `${outputs.issuer}/faults`;
  show.heading(`The local Rollup ID is told to give access tokens of ${LIFETIME_SECONDS} seconds`);
  const before = (await (await fetch(url)).json()) as { access_token_lifetime_seconds: number };
  const json = { access_token_lifetime_seconds: LIFETIME_SECONDS };
  await send({ method: "POST", url, json, expect: [200] });
  try {
    await work();
  } finally {
    const { access_token_lifetime_seconds } = before;
    const body = JSON.stringify({ access_token_lifetime_seconds });
    await fetch(url, { method: "POST", body });
  }
}

async function showStatus({ outputs, show, send }: Tour, { idToken }: Tokens): Promise<string> {
  show.heading("The connection, as the user may see it");
  const url = `${outputs.apiUrl}/me/refresh-token`;
  const { body } = await send({ method: "GET", url, bearer: idToken, expect: [200] });
  assertTour(body["status"] === "active", "the connection is active");
  const user = await send({
    method: "GET",
    url: `${outputs.apiUrl}/me`,
    bearer: idToken,
    expect: [200],
  });
  return textOf(user.body, "sub");
}
