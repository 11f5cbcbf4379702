/** Events from nearly right to nothing like one: what the fuzz test throws at the endpoints. */
import fc from "fast-check";
import { httpEvent } from "./events";
import { hostileJson, hostileObject } from "./hostile-json";
import { REDIRECT_URI } from "./whole-api";

const ROUTE_KEYS = ["PUT /me", "GET /me", "GET /health", "$default", "DELETE /me", "__proto__", ""];
const MEDIA_TYPES = ["application/json", "application/json; charset=utf-8", "text/plain", "{}"];
const PATHS = ["/me", "/health", "/", "", "//", "/sessions/x", "/%00", "/__proto__", "/me\u0000"];

/** Members of an event that get replaced by something else, or by nothing. */
const MEMBERS = [
  ["version"],
  ["routeKey"],
  ["rawPath"],
  ["rawQueryString"],
  ["queryStringParameters"],
  ["pathParameters"],
  ["cookies"],
  ["headers"],
  ["headers", "authorization"],
  ["headers", "Authorization"],
  ["headers", "content-type"],
  ["headers", "content-encoding"],
  ["body"],
  ["isBase64Encoded"],
  ["requestContext"],
  ["requestContext", "requestId"],
  ["requestContext", "http"],
  ["requestContext", "http", "method"],
  ["requestContext", "http", "path"],
] as const;

/**
 * @param tokens to present, and to spoil; the first is good, so that a fair share gets past the
 *   door
 */
export function anyEvent(tokens: readonly string[]): fc.Arbitrary<unknown> {
  const token = fc.oneof(fc.constantFrom(...tokens), spoilt(tokens), fc.string());
  const scheme = fc.constantFrom("Bearer ", "bearer ", "Bearer  ", "Basic ", "");
  const authorization = fc.oneof(
    fc.constant(`Bearer ${tokens[0] ?? ""}`),
    fc.tuple(scheme, token).map(([before, after]) => before + after),
  );
  const right = fc
    .record({
      route: fc.oneof(fc.constantFrom("PUT /me", "GET /me"), fc.constantFrom(...ROUTE_KEYS)),
      rawPath: fc.oneof(fc.constantFrom(...PATHS), fc.webPath()),
      rawQueryString: fc.oneof({ weight: 9, arbitrary: fc.constant("") }, fc.webQueryParameters()),
      headers: fc.record(
        {
          authorization: fc.oneof(
            { weight: 4, arbitrary: authorization },
            { weight: 1, arbitrary: joined(authorization) },
          ),
          "content-type": fc.oneof(fc.constantFrom(...MEDIA_TYPES), fc.string()),
        },
        { requiredKeys: [] },
      ),
      more: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      body: fc.oneof(fc.constant(undefined), anyBody()),
      isBase64Encoded: fc.boolean(),
    })
    .map(({ route, headers, more, ...rest }) =>
      httpEvent(route, { ...rest, headers: { ...more, ...headers } }),
    );
  return fc.oneof(
    { weight: 5, arbitrary: right },
    { weight: 4, arbitrary: broken(right) },
    { weight: 1, arbitrary: fc.anything() },
  );
}

const CODE = { code: "a-code", redirect_uri: REDIRECT_URI };
/** Bodies that are right, to be spoilt by one member or to be taken as they are. */
const RIGHT_BODIES: readonly (readonly [route: string, body: object])[] = [
  ["PUT /me", {}],
  ["POST /sessions", {}],
  ["POST /sessions", { refresh_token: "not-a-jwt" }],
  ["POST /sessions", CODE],
  ["PUT /me/refresh-token", { refresh_token: "not-a-jwt" }],
  ["POST /me/access-token", { min_validity: 60 }],
];
const WITHOUT_BODY = [
  "GET /me",
  "GET /me/export",
  "GET /me/refresh-token",
  "GET /sessions",
  "DELETE /me/refresh-token",
  "DELETE /sessions/current",
  "DELETE /sessions/{id}",
];

export interface Caller {
  readonly route: string;
  readonly event: ReturnType<typeof httpEvent>;
  /** What `PATCH /me` was asked to keep. */
  readonly attributes?: unknown;
}

/**
 * Requests whose JSON is valid, with names and values that are instructions to some library, by
 * callers who are let in.
 * @param bearers each of them good
 */
export function hostileRequest(bearers: () => readonly string[]): fc.Arbitrary<Caller> {
  const patch = hostileObject.map((attributes) => ({
    route: "PATCH /me",
    json: JSON.stringify({ attributes }),
    attributes,
  }));
  const spoiltBody = fc
    .tuple(fc.constantFrom(...RIGHT_BODIES), hostileObject, fc.nat(9))
    .map(([[route, body], more, part]) => ({
      route,
      // Half of them are right; of the others a member is hostile, or one comes besides.
      json: JSON.stringify(
        part < 5 ? body : part < 8 ? { ...body, ...more } : spoiltIn(body, more),
      ),
    }));
  const anything = fc
    .tuple(fc.constantFrom("PATCH /me", "PUT /me", "POST /sessions"), hostileJson)
    .map(([route, value]) => ({ route, json: JSON.stringify(value) }));
  const none = fc.constantFrom(...WITHOUT_BODY).map((route) => ({ route, json: undefined }));
  const fresh = fc.constant({ route: "GET /me", json: undefined, query: "fresh=true" });
  return fc
    .tuple(
      fc.oneof(
        { weight: 6, arbitrary: patch },
        { weight: 3, arbitrary: spoiltBody },
        { weight: 1, arbitrary: anything },
        { weight: 2, arbitrary: none },
        { weight: 1, arbitrary: fresh },
      ),
      fc.nat(),
    )
    .map(([request, pick]) => {
      const { route, json } = request;
      const all = bearers();
      const headers = {
        "content-type": "application/json",
        // By code there is no other proof.
        ...(json?.includes('"code"') === true
          ? {}
          : { authorization: `Bearer ${all[pick % all.length] ?? ""}` }),
      };
      const rawQueryString = "query" in request ? request.query : "";
      const event = httpEvent(route, { headers, body: json, rawQueryString });
      return { route, event, ...("attributes" in request && { attributes: request.attributes }) };
    });
}

function spoiltIn(body: object, more: object): object {
  const values = Object.values(more) as unknown[];
  return Object.fromEntries(Object.keys(body).map((name, at) => [name, values[at] ?? more]));
}

function anyBody(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom("{}", "", "[]", '{"__proto__":{}}', "[".repeat(9_000), "x".repeat(17_000)),
    fc.json(),
    fc.base64String(),
    fc.string({ unit: "binary" }),
  );
}

/** One character changed, cut off, or put in. */
function spoilt(tokens: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...tokens), fc.nat(2_000), fc.nat(2), fc.string({ maxLength: 3 }))
    .map(([token, position, removed, put]) => {
      const at = position % token.length;
      return token.slice(0, at) + put + token.slice(at + removed);
    });
}

function joined(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(value, value).map((values) => values.join(","));
}

function broken(event: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.tuple(fc.constantFrom(...MEMBERS), fc.anything());
  return fc
    .tuple(event, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([before, changes]) =>
      changes.reduce((changed, [path, value]) => replaced(changed, path, value), before),
    );
}

function replaced(target: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined || typeof target !== "object" || target === null) {
    return value;
  }
  const members = target as Record<string, unknown>;
  return { ...members, [name]: replaced(members[name], rest, value) };
}
