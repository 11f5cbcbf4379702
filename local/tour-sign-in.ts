/**
 * The tour's sign-in at any provider, by a code. At a local provider the tour goes as a person;
 * elsewhere somebody has to.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, authorizationRequest, codeFrom, goThere } from "./code-sign-in";
import { LocalRunError } from "./local-run-error";
import { openInBrowser } from "./open-page";
import { pageRedirectUri } from "./page/page-content";
import { TOUR_CALLBACK } from "./page/tour-callbacks";
import { textOf } from "./tour-client";
import { PERSON, type SignedIn, type Tour } from "./tour-world";

const FIVE_MINUTES_MS = 300_000;
const POLL_MS = 500;

export async function signInByCode(tour: Tour): Promise<SignedIn> {
  const { outputs, show, send } = tour;
  const { provider, isLocalProvider, apiUrl, pageUrl } = outputs;
  const redirectUri = pageRedirectUri(pageUrl);
  const request = authorizationRequest(outputs, {
    redirectUri,
    prefix: "tour.",
    ...(isLocalProvider && { user: PERSON }),
  });
  show.heading(`${isLocalProvider ? PERSON : "A person"} signs in at ${provider}`);
  const answer = isLocalProvider
    ? await goThere(request.address, redirectUri)
    : await sendPerson(tour, request.address, request.state);
  const code = codeFrom(answer, outputs, request.state);
  show.heading("The API spends the code: it alone can show who this app is");
  const { body } = await send({
    method: "POST",
    url: `${apiUrl}/sessions`,
    json: request.spend(code),
    expect: [201],
  });
  const bearer = textOf((body["session"] ?? {}) as Record<string, unknown>, "token");
  const { access_token: accessToken } = (body["access_token"] ?? {}) as Record<string, unknown>;
  const secrets = [code, ...request.secrets, bearer, accessToken];
  return { bearer, secrets: secrets.filter((secret) => typeof secret === "string") };
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
