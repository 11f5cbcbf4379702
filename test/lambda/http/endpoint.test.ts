import {
  InternalError,
  InvalidRequestError,
  UnauthorizedError,
  UnavailableError,
} from "../../../lambda/errors";
import { createEndpoint, publicRoute, userRoute } from "../../../lambda/http/endpoint";
import { httpEvent, lambdaContext } from "../../support/events";
import { createLogDouble } from "../../support/exchange-world";
import { createProbeApi, JSON_HEADERS } from "../../support/probe-api";
import { ALICE, NOW } from "../../support/tokens";

describe("S21: nothing but the verified token says who the user is", () => {
  test.each(["sub=urn:rollupid:identity/0x02", "user_id=1", "access_token=x", "a"])(
    "the query ?%s is refused",
    async (rawQueryString) => {
      const { call, calls } = createProbeApi();
      expect(await call("GET /me", { rawQueryString })).toMatchObject({ status: 400 });
      expect(calls).toEqual([]);
    },
  );
});

describe("the order of checks", () => {
  test("who asks is settled before anything that they say", async () => {
    const { log, lines } = createLogDouble();
    const handler = createEndpoint({
      routes: { "GET /me": userRoute({ handle: () => Promise.resolve({ status: 200 }) }) },
      authenticate: () => Promise.reject(new UnauthorizedError("unknown_key")),
      logger: log,
      clock: { now: () => NOW },
    });
    const event = httpEvent("GET /me", { rawQueryString: "sub=x", body: "{", headers: {} });
    expect((await handler(event, lambdaContext)).statusCode).toBe(401);
    expect(lines[0]?.fields).toMatchObject({ reason: "unknown_key" });
  });

  test("a public route asks nobody who they are, and takes no query either", async () => {
    const handler = createEndpoint({
      routes: { "GET /health": publicRoute({ handle: () => ({ status: 200 }) }) },
      authenticate: () => Promise.reject(new Error("asked")),
      logger: createLogDouble().log,
      clock: { now: () => NOW },
    });
    const ask = async (rawQueryString: string) =>
      (await handler(httpEvent("GET /health", { rawQueryString }), lambdaContext)).statusCode;
    expect(await ask("")).toBe(200);
    expect(await ask("sub=x")).toBe(400);
  });
});

test("a route gets the platform's deadline and the caller of the token", async () => {
  let seen: unknown;
  const { call } = createProbeApi(({ deadline, routeKey, caller }) => {
    seen = { deadline, routeKey, sub: caller.sub };
  });
  await call("PUT /me", { body: "{}", headers: JSON_HEADERS });
  expect(seen).toEqual({ deadline: NOW + 10_000, routeKey: "PUT /me", sub: ALICE });
});

describe("the log", () => {
  test("one line is logged per request, with the route and not the path", async () => {
    const { call, lines } = createProbeApi();
    await call("GET /me");
    await call("GET /unknown", { rawPath: "/secret-in-the-path" });
    expect(lines).toEqual(
      [
        {
          level: "info",
          event: "request",
          fields: {
            requestId: "request-1",
            route: "GET /me",
            durationMs: 0,
            status: 200,
            outcome: "ok",
          },
        },
        {
          level: "info",
          event: "request",
          fields: {
            requestId: "request-1",
            route: "$default",
            durationMs: 0,
            status: 404,
            outcome: "refused",
            code: "not_found",
            reason: "not_found",
            cause: undefined,
          },
        },
      ].map((line) => expect.objectContaining(line) as unknown),
    );
  });

  test.each([
    [new InvalidRequestError("not_found"), "info"],
    [new UnavailableError("store_unavailable"), "warn"],
    [new InternalError("store_denied"), "error"],
    [new TypeError("x is not a function"), "error"],
  ])("%p is logged as %s, with the reason", async (error, level) => {
    const { call, lines } = createProbeApi(() => {
      throw error;
    });
    await call("GET /me");
    const reason = "reason" in error ? error.reason : "bug";
    expect(lines).toEqual([
      { level, event: "request", fields: expect.objectContaining({ reason }) as unknown },
    ]);
  });

  test("of a cause its class name is logged and its message is not", async () => {
    const cause = Object.assign(new Error("token eyJ"), { name: "ThrottlingException" });
    const { call, lines } = createProbeApi(() => {
      throw new UnavailableError("store_unavailable", { cause, retryAfterSeconds: 3 });
    });
    await call("GET /me");
    expect(lines[0]?.fields).toMatchObject({ cause: "ThrottlingException", retryAfterSeconds: 3 });
    expect(JSON.stringify(lines)).not.toContain("eyJ");
  });
});
