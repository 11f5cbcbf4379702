/** For each check of the smoke suite one thing that breaks, by which the check has to go red. */
import { type Answered, type Asked, json, type Sabotage } from "./saboteur";

const JSON_TYPE = { "content-type": "application/json" };
const NOTHING: Answered = { status: 204, headers: {}, body: "" };
const LET_IN: Answered = { status: 200, headers: JSON_TYPE, body: "{}" };

/** A member of the good answer is another one. */
const changed = (
  route: string,
  change: (body: Record<string, unknown>, asked: Asked) => Record<string, unknown>,
): Sabotage => ({
  spoil: (asked, answered) =>
    isRoute(asked, route) && answered.status < 300
      ? {
          ...answered,
          body: JSON.stringify({ ...json(answered.body), ...change(json(answered.body), asked) }),
        }
      : undefined,
});

/** One route lets requests in that it has to refuse. */
const letIn = (route: string, isLet: (asked: Asked) => boolean, answer = LET_IN): Sabotage => ({
  spoil: (asked, { status }) =>
    status >= 400 && isRoute(asked, route) && isLet(asked) ? answer : undefined,
});

const cors = (isHit: (asked: Asked) => boolean, allowed: string | undefined): Sabotage => ({
  spoil: (asked, answered) =>
    isHit(asked)
      ? { ...answered, headers: { ...answered.headers, "access-control-allow-origin": allowed } }
      : undefined,
});

const isForeign = ({ origin }: Asked) => origin?.endsWith(".invalid") === true;
const isFriend = (asked: Asked) => asked.origin !== undefined && !isForeign(asked);

const SESSION_OF = /^DELETE \/sessions\/(?!current)/;

/** By the check that goes red. */
export const SABOTAGES: Readonly<Record<string, Sabotage>> = {
  "GET /health is ok": {
    spoil: (asked) =>
      isRoute(asked, "GET /health") && asked.origin === undefined
        ? { status: 503, headers: JSON_TYPE, body: '{"message":"Service Unavailable"}' }
        : undefined,
  },
  "GET /openapi.json is the contract of this checkout": changed("GET /openapi.json", () => ({
    info: { title: "rollup-vault", version: "0.9.0" },
  })),
  "GET /.well-known/jwks.json has the client's keys, where the stage has some": letIn(
    "GET /.well-known/jwks.json",
    () => true,
    { status: 200, headers: JSON_TYPE, body: '{"keys":[]}' },
  ),
  "a path without a route is 404": letIn("GET /no-such-path", () => true),
  "a method without a route is 405": letIn("DELETE /health", () => true),
  "CORS: a preflight of each allowed origin is allowed": cors(
    (asked) => asked.method === "OPTIONS" && isFriend(asked),
    undefined,
  ),
  "CORS: each allowed origin may read an answer": cors(
    (asked) => asked.method === "GET" && isFriend(asked),
    undefined,
  ),
  "CORS: a preflight of a foreign origin is not allowed": cors(
    (asked) => asked.method === "OPTIONS" && isForeign(asked),
    "*",
  ),
  "CORS: a foreign origin may not read an answer": cors(
    (asked) => asked.method === "GET" && isForeign(asked),
    "https://smoke-suite.invalid",
  ),
  "each route of a user refuses a request without a bearer": letIn(
    "GET /me/export",
    ({ authorization }) => authorization === undefined,
  ),
  "each route of a user refuses a bearer that is junk": letIn(
    "DELETE /sessions",
    ({ bearer = "" }) => /^[\w-]{32}$/.test(bearer),
    NOTHING,
  ),
  "each route of a user refuses a session that was never opened": letIn(
    "GET /sessions",
    ({ bearer = "", seen }) => bearer.startsWith("rvs_") && !seen.sessions.has(bearer),
  ),
  "an unsigned ID token is refused": letIn("GET /me", ({ bearer = "" }) => bearer.endsWith(".")),
  "an ID token signed by a stranger is refused": letIn(
    "PUT /me",
    (asked) => part(asked, 0)["kid"] === "smoke-suite",
  ),
  "an ID token of the provider for another client is refused": letIn(
    "POST /me/access-token",
    (asked) => String(part(asked, 1)["aud"]) === "another-client",
  ),
  "POST /sessions refuses a redirect URI that the stage does not list": letIn(
    "POST /sessions",
    ({ body }) => body.includes("smoke-suite.invalid"),
  ),
  "POST /sessions refuses a body that is no JSON": letIn(
    "POST /sessions",
    ({ body }) => body === "{",
  ),
  "POST /service/access-token refuses a request without a signature": letIn(
    "POST /service/access-token",
    ({ authorization }) => authorization === undefined,
  ),
  "POST /service/access-token refuses a stranger's signature": letIn(
    "POST /service/access-token",
    ({ authorization = "" }) => authorization.includes("AKIAIOSFODNN7EXAMPLE"),
  ),
  "the user will be this run's own": {
    spoil: (asked, { status }) =>
      isRoute(asked, "GET /me") && status === 404 ? somebody : undefined,
  },
  "PUT /me makes the user": changed("PUT /me", () => ({ sub: "somebody-else" })),
  "POST /sessions signs in": {
    spoil: (asked, answered) =>
      isRoute(asked, "POST /sessions") && answered.status === 201
        ? { ...answered, status: 200 }
        : undefined,
  },
  "PATCH /me merges attributes": changed("PATCH /me", () => ({ attributes: {} })),
  "GET /me is the user": changed("GET /me", () => ({ sub: "somebody-else" })),
  "PUT /me/refresh-token seals the refresh token": changed("PUT /me/refresh-token", () => ({
    status: "frozen",
  })),
  "POST /me/access-token exchanges the refresh token": changed("POST /me/access-token", () => ({
    expires_in: 0,
  })),
  "POST /me/access-token keeps an access token that is good": changed(
    "POST /me/access-token",
    ({ access_token: token }, { seen }) =>
      seen.accessTokens.size > 0 && isKept(seen.accessTokens, String(token))
        ? { access_token: "another-one" }
        : {},
  ),
  "GET /me/refresh-token knows of the exchange, and has no token": changed(
    "GET /me/refresh-token",
    () => ({ last_exchange_at: null }),
  ),
  "POST /service/access-token gives a listed role the user's access token": changed(
    "POST /service/access-token",
    () => ({ access_token: "another-one" }),
  ),
  "an ID token that was altered is refused": letIn(
    "GET /me",
    (asked) =>
      part(asked, 1)["sub"] === "smoke-suite" &&
      part(asked, 0)["kid"] !== "smoke-suite" &&
      asked.bearer?.endsWith(".") === false,
  ),
  "a refresh token is no bearer": letIn("GET /me", ({ bearer = "", seen }) =>
    seen.refreshTokens.has(bearer),
  ),
  "an access token is no bearer": letIn("GET /me", ({ bearer = "", seen }) =>
    seen.accessTokens.has(bearer),
  ),
  "GET /me/export has the user, and no secret": changed("GET /me/export", (_, { seen }) => ({
    exported_at: [...seen.refreshTokens][0],
  })),
  "GET /sessions lists the session": changed("GET /sessions", () => ({ sessions: [] })),
  "DELETE /sessions/{id} ends another session": {
    instead: (asked) =>
      SESSION_OF.test(`${asked.method} ${asked.path}`) && isKnownSession(asked)
        ? NOTHING
        : undefined,
  },
  "DELETE /sessions/current signs out here": {
    instead: (asked) =>
      isRoute(asked, "DELETE /sessions/current") && isKnownSession(asked) ? NOTHING : undefined,
  },
  "DELETE /me/refresh-token disconnects": {
    instead: (asked) =>
      isRoute(asked, "DELETE /me/refresh-token") && isKnownSession(asked) ? NOTHING : undefined,
  },
  "DELETE /sessions signs out everywhere": {
    instead: (asked) =>
      isRoute(asked, "DELETE /sessions") && isKnownSession(asked) ? NOTHING : undefined,
  },
  "DELETE /me erases the user: nothing is left of this run": {
    spoil: (asked, answered) =>
      isRoute(asked, "DELETE /me") && answered.status === 200
        ? { ...answered, status: 503, body: '{"message":"Service Unavailable"}' }
        : undefined,
  },
};

const somebody: Answered = {
  status: 200,
  headers: { ...JSON_TYPE, etag: '"1"' },
  body: JSON.stringify({
    sub: "somebody",
    claims: {},
    attributes: {},
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:00.000Z",
    version: 1,
  }),
};

/** More sabotages of checks that look at more than one thing. */
export const MORE: readonly (readonly [check: string, what: string, sabotage: Sabotage])[] = [
  [
    "GET /me/refresh-token knows of the exchange, and has no token",
    "the answer has the refresh token",
    changed("GET /me/refresh-token", (_, { seen }) => ({ reason: [...seen.refreshTokens][0] })),
  ],
  [
    "DELETE /me erases the user: nothing is left of this run",
    "nothing is erased, and a receipt says so all the same",
    {
      instead: (asked) =>
        isRoute(asked, "DELETE /me") && asked.authorization !== undefined && isReal(asked)
          ? {
              status: 200,
              headers: JSON_TYPE,
              body: JSON.stringify({
                sub: part(asked, 1)["sub"],
                erased_at: new Date().toISOString(),
                erased: { user: true, refresh_token: true, sessions: 1 },
              }),
            }
          : undefined,
    },
  ],
  [
    "DELETE /me/refresh-token disconnects",
    "the refusal asks for no sign-in",
    {
      spoil: (asked, answered) =>
        isRoute(asked, "POST /me/access-token") && answered.status === 409
          ? { ...answered, status: 200, body: "{}" }
          : undefined,
    },
  ],
];

function isReal(asked: Asked): boolean {
  return (
    part(asked, 0)["kid"] !== "smoke-suite" &&
    String(part(asked, 1)["sub"]).startsWith("urn:") &&
    String(part(asked, 1)["aud"]) !== "another-client"
  );
}

function isKnownSession({ bearer = "", seen }: Asked): boolean {
  return seen.sessions.has(bearer);
}

/** Whether this token was seen before: a set keeps what was added first. */
const times = new WeakMap<Set<string>, Map<string, number>>();
function isKept(tokens: Set<string>, token: string): boolean {
  const counts = times.get(tokens) ?? new Map<string, number>();
  times.set(tokens, counts);
  counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts.get(token) === 2;
}

function isRoute({ method, path }: Asked, route: string | RegExp): boolean {
  const asked = `${method} ${path}`;
  return typeof route === "string" ? asked === route : route.test(asked);
}

/** Header (0) or payload (1) of a bearer that is a JWT. */
function part({ bearer = "" }: Asked, index: 0 | 1): Record<string, unknown> {
  return json(Buffer.from(bearer.split(".")[index] ?? "", "base64url").toString("utf8"));
}
