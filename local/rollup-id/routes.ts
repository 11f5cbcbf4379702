/** Every path of the local provider. Unknown ones are an empty 404, as the real one's. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { authorize } from "./authorize";
import { discovery } from "./discovery";
import { RollupError, unknownErrorBody } from "./errors";
import { addKey, publicJwks } from "./keys";
import { applyChanges, readChanges, takeFault } from "./programme";
import { personNamed } from "./state";
import { answerTokenRequest, type TokenWorld } from "./token";
import { commitFault, needsAnswer } from "./token-faults";
import { userinfo } from "./userinfo";
import { readBody, readForm, sendJson } from "./wire";

export interface Provider extends TokenWorld {
  readonly issuer: string;
  readonly redirectUris: readonly string[];
}

type Handle = (
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> | void;

const SLOW_JWKS_MS = 5_000;

const ROUTES: Readonly<Record<string, Handle>> = {
  "GET /authorize": (provider, request, response) => {
    authorize(provider, queryOf(request), response);
  },
  "POST /token": token,
  "GET /userinfo": showUserinfo,
  "GET /.well-known/openid-configuration": ({ issuer }, _, response) => {
    sendJson(response, 200, discovery(issuer));
  },
  "GET /.well-known/jwks.json": jwks,
  "GET /signout": (_, request, response) => {
    response.writeHead(302, { location: queryOf(request).get("redirect_uri") ?? "/" }).end();
  },
  "GET /faults": (provider, _, response) => {
    sendJson(response, 200, provider.programme());
  },
  "POST /faults": programme,
  "GET /ledger": ({ ledger }, _, response) => {
    sendJson(response, 200, ledger.read());
  },
  "DELETE /ledger": ({ ledger }, _, response) => {
    ledger.clear();
    response.writeHead(204).end();
  },
};

/** The tools of tests and demos work while the provider itself is programmed to be down. */
const TOOLS = ["/faults", "/ledger"];

export async function serve(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", provider.issuer);
  if (provider.programme().down && !TOOLS.includes(pathname)) {
    request.socket.destroy();
    return;
  }
  const handle = ROUTES[`${request.method ?? ""} ${pathname}`];
  if (handle !== undefined) {
    await handle(provider, request, response);
    return;
  }
  const isKnown = Object.keys(ROUTES).some((key) => key.endsWith(` ${pathname}`));
  response.writeHead(isKnown ? 405 : 404).end();
}

async function token(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  const [fault, rest] = takeFault(provider.programme());
  provider.setProgramme(rest);
  // Something that is not a form makes the real one throw.
  const form = await readForm(request).catch(() => undefined);
  if (form === undefined) {
    provider.ledger.addUnprocessed();
    sendJson(response, 500, unknownErrorBody("unknown error"));
    return;
  }
  if (fault === undefined) {
    const { status, body } = await answerTokenRequest(provider, form);
    sendJson(response, status, body);
    return;
  }
  if (!needsAnswer(fault)) {
    provider.ledger.addUnprocessed();
    await commitFault(fault, response, undefined);
    return;
  }
  const impostor = fault.kind === "wrong_sub" ? { impostor: impostorOf(provider) } : {};
  await commitFault(fault, response, await answerTokenRequest({ ...provider, ...impostor }, form));
}

function impostorOf({ memory }: Provider): string {
  return personNamed(memory, "Somebody Else").sub;
}

async function showUserinfo(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
) {
  try {
    sendJson(response, 200, await userinfo(provider, request.headers.authorization));
  } catch (error) {
    if (error instanceof RollupError) {
      sendJson(response, error.status, error.body());
    } else {
      sendJson(response, 500, unknownErrorBody("unknown error"));
    }
  }
}

async function jwks({ memory, programme: read }: Provider, _: unknown, response: ServerResponse) {
  const { jwks: state } = read();
  if (state === "down") {
    response.writeHead(503).end();
    return;
  }
  if (state === "slow") {
    await sleep(SLOW_JWKS_MS, undefined, { ref: false });
  }
  const body = JSON.stringify(publicJwks(memory));
  // No cache headers, as the real one.
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(body);
}

async function programme(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  const changes = readChanges(parseJson(await readBody(request)));
  if (changes === undefined) {
    sendJson(response, 400, { message: "not a programme; GET /faults shows the current one" });
    return;
  }
  provider.setProgramme(applyChanges(provider.programme(), changes));
  if (changes.keys === "rotate") {
    await addKey(provider.memory, provider.now());
  }
  sendJson(response, 200, provider.programme());
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? "/", "http://127.0.0.1").searchParams;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
