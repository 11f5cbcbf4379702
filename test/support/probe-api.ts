/**
 * An API whose one user is whoever asks: what happens around a route, without tokens and stores.
 */
import * as v from "valibot";
import { createEndpoint, type RouteRequest, userRoute } from "../../lambda/http/endpoint";
import { type Caller, evidenceOf } from "../../lambda/model";
import { type EventOptions, httpEvent, lambdaContext } from "./events";
import { createLogDouble } from "./exchange-world";
import { ALICE, NOW } from "./tokens";

const bodySchema = v.strictObject({ name: v.optional(v.pipe(v.string(), v.maxLength(20))) });

type ProbeRequest = RouteRequest<unknown> & { readonly caller: Caller };

/** A route that keeps what it is called with, and throws what the test wants. */
export function createProbeApi(act: (request: ProbeRequest) => unknown = () => undefined) {
  const calls: unknown[] = [];
  const { log, lines } = createLogDouble();
  const idToken = { sub: ALICE, issuedAt: NOW, expiresAt: NOW + 1, claims: {}, tokenHash: "" };
  const handle = async (request: ProbeRequest) => {
    calls.push(request.body);
    await Promise.resolve(act(request));
    return { status: 200, body: { ok: true } };
  };
  const handler = createEndpoint({
    routes: {
      "PUT /me": userRoute({ body: bodySchema, handle }),
      "GET /me": userRoute({ handle }),
    },
    authenticate: () =>
      Promise.resolve({ kind: "id_token", sub: ALICE, evidence: evidenceOf(idToken), idToken }),
    logger: log,
    clock: { now: () => NOW },
  });

  async function call(route: string, options: EventOptions = {}) {
    const { statusCode, headers, body } = await handler(httpEvent(route, options), lambdaContext);
    return {
      status: statusCode,
      headers,
      body: body === undefined ? undefined : (JSON.parse(body) as Record<string, unknown>),
    };
  }

  return { calls, lines, handler, call };
}

export const JSON_HEADERS = { "content-type": "application/json" };
