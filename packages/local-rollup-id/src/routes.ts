/** Every path of the local provider. Unknown ones are an empty 404, as the real one's. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { authorize } from "./authorize";
import { allowPages } from "./cors";
import { discovery } from "./discovery";
import { type LiveToken, liveTokens } from "./families";
import { changeFaults, showFaults } from "./faults-route";
import { queryOf, sendAnswer, sendJson } from "./http-bodies";
import { createMinter } from "./mint-tokens";
import { subjectOf } from "./people";
import { answerToError } from "./rollup-errors";
import { publicJwks } from "./signing-keys";
import { ICON_PATH, isTool } from "./tester-paths";
import type { Code, TokenWorld } from "./token-answer";
import { token } from "./token-route";
import { userinfo } from "./userinfo";

export interface Provider extends Omit<TokenWorld, "minter" | "impostor"> {
  readonly port: number;
  readonly redirectUris: readonly string[];
  readonly codes: Map<string, Code>;
}

/** The provider as the request addressed it: tokens are issued in the name of that origin. */
interface Here extends Provider {
  readonly issuer: string;
}

type Handle = (
  here: Here,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> | void;

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#5546d6" d="M16 2 30 16 16 30 2 16Z"/></svg>';

const ROUTES: Readonly<Record<string, Handle>> = {
  "GET /authorize": (here, request, response) => {
    authorize(here, queryOf(request), response);
  },
  "POST /token": async (here, request, response) => {
    await token({ ...here, minter: createMinter(here) }, request, response);
  },
  "GET /userinfo": showUserinfo,
  "GET /.well-known/openid-configuration": ({ issuer }, _, response) => {
    sendJson(response, 200, discovery(issuer));
  },
  "GET /.well-known/jwks.json": jwks,
  "GET /signout": signout,
  "GET /faults": (here, _, response) => {
    showFaults(here, response);
  },
  "POST /faults": changeFaults,
  "GET /ledger": (here, request, response) => {
    const query = queryOf(request);
    const sub = query.get("sub") ?? undefined;
    const isAbout = (token: LiveToken) => sub === undefined || token.sub === sub;
    const live = query.get("live") === "1" ? { live: liveTokens(here).filter(isAbout) } : {};
    sendJson(response, 200, { ...here.ledger.read(sub), ...live });
  },
  "GET /foreign-id-token": foreignIdToken,
  [`GET ${ICON_PATH}`]: (_, __, response) => {
    response.writeHead(200, { "content-type": "image/svg+xml" }).end(ICON);
  },
  "DELETE /ledger": ({ ledger }, _, response) => {
    ledger.clear();
    response.writeHead(204).end();
  },
};

export async function serve(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split("?")[0] ?? "";
  if (provider.faultConfig().down && !isTool(path)) {
    request.socket.destroy();
    return;
  }
  const issuer = originOf(request, provider.port);
  const isKnown = Object.keys(ROUTES).some((key) => key.endsWith(` ${path}`));
  if (issuer === undefined || !isKnown) {
    response.writeHead(404).end();
    return;
  }
  if (allowPages(provider.redirectUris, path, request, response) === "answered") {
    return;
  }
  const method = request.method === "HEAD" ? "GET" : (request.method ?? "");
  const handle = ROUTES[`${method} ${path}`];
  if (handle === undefined) {
    response.writeHead(405).end();
    return;
  }
  await handle({ ...provider, issuer }, request, response);
}

/**
 * Undefined for a host that the provider does not know; so no page in the web can get at it under
 * a name of its own.
 */
function originOf({ headers }: IncomingMessage, port: number): string | undefined {
  const hosts = [`127.0.0.1:${String(port)}`, `localhost:${String(port)}`];
  const host = hosts.find((known) => known === headers.host);
  return host && `http://${host}`;
}

async function showUserinfo(here: Here, request: IncomingMessage, response: ServerResponse) {
  try {
    sendJson(response, 200, await userinfo(here, request.headers.authorization));
  } catch (error) {
    sendAnswer(response, answerToError(error));
  }
}

async function jwks({ memory, faultConfig }: Here, _: unknown, response: ServerResponse) {
  const { jwks: state, jwks_delay_ms: delay } = faultConfig();
  if (state === "down") {
    response.writeHead(503).end();
    return;
  }
  if (state === "slow") {
    await sleep(delay, undefined, { ref: false });
  }
  const body = JSON.stringify(publicJwks(memory));
  // No cache headers, as the real one.
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(body);
}

/** An ID token of this provider that is good, but for another client. */
async function foreignIdToken(here: Here, request: IncomingMessage, response: ServerResponse) {
  const sub = subjectOf(here.memory, queryOf(request).get("user") ?? "");
  const minter = createMinter({ ...here, audience: "another-client" });
  const person = { sub, name: "", scope: "openid", withEmail: false };
  sendJson(response, 200, { id_token: await minter.idToken(person) });
}

/** There is no session to end here: every sign-in asks anew. */
function signout({ issuer }: Here, request: IncomingMessage, response: ServerResponse): void {
  const target = queryOf(request).get("redirect_uri") ?? "/";
  const location = URL.canParse(target, issuer) ? new URL(target, issuer) : new URL("/", issuer);
  response.writeHead(302, { location: location.href }).end();
}
