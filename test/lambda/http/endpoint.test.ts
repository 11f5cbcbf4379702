import fc from "fast-check";
import * as v from "valibot";
import {
  InternalError,
  InvalidRequestError,
  NeedsSignInError,
  UnavailableError,
  type NeedsSignInReason,
} from "../../../lambda/errors";
import { createEndpoint, userRoute, type RouteRequest } from "../../../lambda/http/endpoint";
import { emptyBody } from "../../../lambda/http/user-wire";
import { ALICE, NOW } from "../../support/tokens";
import { httpEvent, lambdaContext, type EventOptions } from "../../support/events";
import { createLogDouble } from "../../support/exchange-world";

const bodySchema = v.strictObject({ name: v.optional(v.pipe(v.string(), v.maxLength(20))) });

/** A route that keeps what it is called with, and throws what the test wants. */
function createApi(act: (request: RouteRequest<unknown>) => unknown = () => undefined) {
  const calls: unknown[] = [];
  const { log, lines } = createLogDouble();
  const idToken = { sub: ALICE, issuedAt: NOW, expiresAt: NOW + 1, claims: {} };
  const handle = async (request: RouteRequest<unknown>) => {
    calls.push(request.body);
    await Promise.resolve(act(request));
    return { status: 200, body: { ok: true } };
  };
  const handler = createEndpoint({
    routes: {
      "PUT /me": userRoute({ body: bodySchema, handle }),
      "GET /me": userRoute({ handle }),
    },
    authenticate: () => Promise.resolve({ sub: ALICE, idToken }),
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

const JSON_HEADERS = { "content-type": "application/json" };

describe("bodies", () => {
  test("a JSON object is read, plain and base64", async () => {
    const { call, calls } = createApi();
    const body = JSON.stringify({ name: "Zoë" });
    await call("PUT /me", { headers: JSON_HEADERS, body });
    await call("PUT /me", {
      headers: { "content-type": "application/json; charset=UTF-8" },
      body: Buffer.from(body).toString("base64"),
      isBase64Encoded: true,
    });
    await call("PUT /me");
    expect(calls).toEqual([{ name: "Zoë" }, { name: "Zoë" }, {}]);
  });

  const tooLarge = JSON.stringify({ name: "x".repeat(16_384) });

  test.each<[string, EventOptions, number, string]>([
    ["no content type", { body: "{}" }, 415, "unsupported_media_type"],
    [
      "text",
      { body: "{}", headers: { "content-type": "text/plain" } },
      415,
      "unsupported_media_type",
    ],
    [
      "a form",
      { body: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } },
      415,
      "unsupported_media_type",
    ],
    [
      "another charset",
      { body: "{}", headers: { "content-type": "application/json; charset=latin1" } },
      415,
      "unsupported_media_type",
    ],
    [
      "a look-alike type",
      { body: "{}", headers: { "content-type": "application/jsonx" } },
      415,
      "unsupported_media_type",
    ],
    ["a body above 16 KB", { body: tooLarge, headers: JSON_HEADERS }, 413, "payload_too_large"],
    [
      "a body above 16 KB in base64",
      {
        body: Buffer.from(tooLarge).toString("base64"),
        isBase64Encoded: true,
        headers: JSON_HEADERS,
      },
      413,
      "payload_too_large",
    ],
    [
      "characters that are more bytes than letters",
      { body: JSON.stringify({ name: "€".repeat(8_000) }), headers: JSON_HEADERS },
      413,
      "payload_too_large",
    ],
    ["broken JSON", { body: "{", headers: JSON_HEADERS }, 400, "invalid_request"],
    ["a list", { body: "[]", headers: JSON_HEADERS }, 400, "invalid_request"],
    ["null", { body: "null", headers: JSON_HEADERS }, 400, "invalid_request"],
    ["text", { body: '"x"', headers: JSON_HEADERS }, 400, "invalid_request"],
    [
      "bytes that are no UTF-8",
      {
        body: Buffer.from([0x7b, 0xff, 0x7d]).toString("base64"),
        isBase64Encoded: true,
        headers: JSON_HEADERS,
      },
      400,
      "invalid_request",
    ],
    ["a wrong type", { body: '{"name":1}', headers: JSON_HEADERS }, 400, "invalid_request"],
    [
      "a member out of range",
      { body: JSON.stringify({ name: "x".repeat(21) }), headers: JSON_HEADERS },
      400,
      "invalid_request",
    ],
  ])("S32: %s is refused", async (_, options, status, code) => {
    const { call, calls } = createApi();
    const answer = await call("PUT /me", options);
    expect(answer).toMatchObject({
      status,
      body: { status, code, action: "fix_request", retryable: false },
    });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(calls).toEqual([]);
  });

  test.each([
    '{"other":1}',
    '{"sub":"urn:rollupid:identity/0x02"}',
    '{"name":"a","userId":"b"}',
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"toString":1}',
  ])("S23: the unknown member in %s is refused and reaches no object", async (body) => {
    const { call, calls } = createApi();
    expect((await call("PUT /me", { body, headers: JSON_HEADERS })).status).toBe(400);
    expect(calls).toEqual([]);
    expect(({} as Record<string, unknown>)["admin"]).toBeUndefined();
  });

  test("a body on a route that takes none is refused", async () => {
    const { call } = createApi();
    const answer = await call("GET /me", { body: "{}", headers: JSON_HEADERS });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  test("PUT /me takes no member at all", () => {
    expect(v.is(emptyBody, {})).toBe(true);
    expect(v.is(emptyBody, { sub: ALICE })).toBe(false);
  });
});

describe("S21: nothing but the verified token says who the user is", () => {
  test.each(["sub=urn:rollupid:identity/0x02", "user_id=1", "access_token=x", "a"])(
    "the query ?%s is refused",
    async (rawQueryString) => {
      const { call, calls } = createApi();
      expect(await call("GET /me", { rawQueryString })).toMatchObject({ status: 400 });
      expect(calls).toEqual([]);
    },
  );
});

describe("S33 S34: answers", () => {
  const reasons: NeedsSignInReason[] = [
    "no_refresh_token",
    "refresh_token_refused",
    "disconnected",
    "in_doubt",
    "foreign_subject",
  ];

  test.each(reasons)(
    "a dead grant is 409 needs_sign_in with the reason %s, never 401",
    async (reason) => {
      const { call } = createApi(() => {
        throw new NeedsSignInError(reason);
      });
      expect(await call("GET /me")).toMatchObject({
        status: 409,
        body: {
          code: "needs_sign_in",
          action: "sign_in",
          reason,
          retryable: false,
          instance: "request-1",
        },
      });
    },
  );

  test("an outage is 503 with Retry-After in header and body", async () => {
    const { call } = createApi(() => {
      throw new UnavailableError("idp_unavailable", { retryAfterSeconds: 6.2 });
    });
    const answer = await call("GET /me");
    expect(answer).toMatchObject({
      status: 503,
      body: { code: "temporarily_unavailable", action: "retry", retryable: true, retry_after: 7 },
    });
    expect(answer.headers["retry-after"]).toBe("7");
  });

  test.each([
    new InternalError("client_rejected", { cause: new Error("arn:aws:kms:secret") }),
    new Error(
      "table RollupVault-Users arn:aws:dynamodb:eu-west-1:1:table/x at /var/task/index.js:1",
    ),
    "a string",
    undefined,
  ])("S33: what is not for the caller's eyes stays inside: %#", async (error) => {
    const { call, lines } = createApi(() => {
      throw error as Error;
    });
    const answer = await call("GET /me");
    expect(answer).toMatchObject({
      status: 500,
      body: { code: "server_error", action: "contact_operator" },
    });
    expect(JSON.stringify(answer)).not.toMatch(/arn:|table|task|Error:|string/);
    expect(lines.at(-1)).toMatchObject({ level: "error" });
    expect(JSON.stringify(lines)).not.toMatch(/arn:|RollupVault|task/);
  });

  test("S34: every answer says no-store", async () => {
    for (const act of [
      () => undefined,
      () => {
        throw new InvalidRequestError("not_found");
      },
    ]) {
      const { headers } = await createApi(act).call("GET /me");
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
    }
  });

  test("a problem document has the members of RFC 9457, and no token, path or input in them", async () => {
    const { call } = createApi();
    const { body } = await call("PUT /me", { body: '{"leak":"value"}', headers: JSON_HEADERS });
    expect(body).toEqual({
      type: "urn:rollup-vault:problem:invalid_request",
      title: "Invalid request",
      status: 400,
      detail: "The body has a member that this route does not know.",
      instance: "request-1",
      code: "invalid_request",
      retryable: false,
      action: "fix_request",
    });
  });

  test("one line is logged per request, with the route and not the path", async () => {
    const { call, lines } = createApi();
    await call("GET /me");
    await call("GET /unknown", { rawPath: "/secret-in-the-path" });
    expect(lines).toEqual(
      [
        {
          level: "info",
          event: "request",
          fields: { requestId: "request-1", route: "GET /me", durationMs: 0, status: 200 },
        },
        {
          level: "info",
          event: "request",
          fields: {
            requestId: "request-1",
            route: "$default",
            durationMs: 0,
            status: 404,
            code: "not_found",
            reason: "not_found",
            cause: undefined,
          },
        },
      ].map((line) => expect.objectContaining(line) as unknown),
    );
  });
});

describe("S35: whatever event comes", () => {
  const runs = Number(process.env["FUZZ_RUNS"] ?? 2_000);
  const header = fc.oneof(
    fc.constantFrom("authorization", "content-type", "Content-Type", "cookie", "__proto__"),
    fc.string(),
  );
  const scalar = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
  );
  const event = fc.oneof(
    { weight: 1, arbitrary: fc.anything() },
    {
      weight: 4,
      arbitrary: fc.record(
        {
          routeKey: fc.oneof(
            fc.constantFrom("PUT /me", "GET /me", "$default", "__proto__"),
            scalar,
          ),
          rawPath: scalar,
          rawQueryString: fc.oneof(fc.constant(""), scalar),
          headers: fc.oneof(
            fc.dictionary(header, scalar),
            fc.dictionary(header, fc.constant("application/json")),
            scalar,
          ),
          body: fc.oneof(fc.json(), fc.base64String(), scalar),
          isBase64Encoded: fc.oneof(fc.boolean(), scalar),
          requestContext: fc.oneof(
            fc.record({ http: fc.anything(), requestId: scalar }, { requiredKeys: [] }),
            scalar,
          ),
        },
        { requiredKeys: [] },
      ),
    },
  );

  test(`there is an answer, and no 5xx (${String(runs)} events)`, async () => {
    const { handler } = createApi();
    let done = 0;
    await fc.assert(
      fc.asyncProperty(event, async (any) => {
        const { statusCode, headers } = await handler(any, lambdaContext);
        expect(statusCode).toBeGreaterThanOrEqual(200);
        expect(statusCode).toBeLessThan(500);
        expect(headers["cache-control"]).toBe("no-store");
        done += 1;
        if (done % 50_000 === 0) {
          process.stderr.write(`${String(done)} of ${String(runs)} events\n`);
        }
      }),
      { numRuns: runs },
    );
  }, 3_600_000);
});
