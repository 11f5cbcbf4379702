/** The main job on the running stack, request by request. Any answer that is not right ends it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Outputs } from "./outputs";
import type { Screen } from "./progress";
import { assertTour, createSend, textOf } from "./tour-client";
import { showItem } from "./tour-item";
import { signInAtRollupId } from "./tour-rollup-id";
import { createShow } from "./tour-show";
import { signInByCode } from "./tour-sign-in";
import type { SignedIn, Tour, TourOptions } from "./tour-world";

/** Long enough to be kept for a moment, short enough to wait for. */
const LIFETIME_SECONDS = 5;
const MIN_VALIDITY_SECONDS = 1;
/** An access token that a provider elsewhere has made is waited for if it runs out sooner. */
const PATIENCE_MS = 90_000;

/** @throws LocalRunError at the first answer that is not right */
export async function runTour(
  outputs: Outputs,
  screen: Screen,
  options: TourOptions = {},
): Promise<void> {
  const show = createShow(screen);
  const tour: Tour = { outputs, show, send: createSend(show), options };
  const signedIn = await signInAndUse(tour);
  const sub = await showStatus(tour, signedIn);
  await showItem(tour, sub, signedIn.secrets);
  screen.line(
    `\n${screen.style("green", "the tour is complete")}: every answer was as it should be\n`,
  );
}

async function signInAndUse(tour: Tour): Promise<SignedIn> {
  const { faults } = tour.outputs;
  if (faults?.kind === "rollup-id") {
    const signedIn = await signInAtRollupId(tour);
    await withShortLifetime(tour, faults.url, () => useAccessTokens(tour, signedIn));
    return signedIn;
  }
  const work = async () => {
    const signedIn = await signInByCode(tour);
    await useAccessTokens(tour, signedIn);
    return signedIn;
  };
  // The sign-in itself brings an access token.
  return faults === undefined ? await work() : await withShortLifetime(tour, faults.url, work);
}

async function useAccessTokens(tour: Tour, signedIn: SignedIn): Promise<void> {
  const { show } = tour;
  show.heading("An access token on demand");
  const first = await getAccessToken(tour, signedIn);
  show.heading("Asked again, the kept one is still good");
  const kept = await getAccessToken(tour, signedIn);
  assertTour(kept.token === first.token, "a kept access token that is still good is used again");
  show.heading("The access token runs out");
  const waitMs = Date.parse(first.expiresAt) - Date.now() + 500;
  if (waitMs > PATIENCE_MS) {
    show.note(`at ${first.expiresAt}, which the tour does not wait for: only a local provider`);
    show.note("can be told to give shorter ones");
    return;
  }
  show.note(`waiting ${(waitMs / 1000).toFixed(1)} s until ${first.expiresAt} is over`);
  await sleep(waitMs);
  show.heading("Asked again, there is another one");
  const second = await getAccessToken(tour, signedIn);
  assertTour(second.token !== first.token, "an access token that ran out is replaced");
}

async function getAccessToken({ outputs, send }: Tour, { bearer }: SignedIn) {
  const { body } = await send({
    method: "POST",
    url: `${outputs.apiUrl}/me/access-token`,
    bearer,
    json: { min_validity: MIN_VALIDITY_SECONDS },
    expect: [200],
  });
  return { token: textOf(body, "access_token"), expiresAt: textOf(body, "expires_at") };
}

/** Access tokens live for an hour, or more; a local provider can be told otherwise, and back. */
async function withShortLifetime<T>(
  { outputs, show, send }: Tour,
  url: string,
  work: () => Promise<T>,
): Promise<T> {
  const { provider } = outputs;
  show.heading(
    `The local ${provider} is told to give access tokens of ${LIFETIME_SECONDS} seconds`,
  );
  const before = (await (await fetch(url)).json()) as { access_token_lifetime_seconds: unknown };
  const json = { access_token_lifetime_seconds: LIFETIME_SECONDS };
  await send({ method: "POST", url, json, expect: [200] });
  try {
    return await work();
  } finally {
    const { access_token_lifetime_seconds } = before;
    const body = JSON.stringify({ access_token_lifetime_seconds });
    await fetch(url, { method: "POST", body });
  }
}

async function showStatus({ outputs, show, send }: Tour, { bearer }: SignedIn): Promise<string> {
  show.heading("The connection, as the user may see it");
  const url = `${outputs.apiUrl}/me/refresh-token`;
  const { body } = await send({ method: "GET", url, bearer, expect: [200] });
  assertTour(body["status"] === "active", "the connection is active");
  const user = await send({ method: "GET", url: `${outputs.apiUrl}/me`, bearer, expect: [200] });
  return textOf(user.body, "sub");
}
