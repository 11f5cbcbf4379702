import { type EventOptions, httpEvent, lambdaContext } from "../../support/events";
import { loadHealthHandler } from "../../support/health-handler";

const handler = loadHealthHandler();
let log: jest.SpyInstance;

beforeEach(() => {
  log = jest.spyOn(process.stdout, "write").mockReturnValue(true);
});

async function ask(route: string, options?: EventOptions) {
  const { statusCode, headers, body } = await handler(httpEvent(route, options), lambdaContext);
  return { status: statusCode, headers, body: JSON.parse(body ?? "null") as unknown };
}

test("GET /health says ok, and nothing else", async () => {
  expect(await ask("GET /health")).toEqual({
    status: 200,
    headers: {
      "cache-control": "no-store",
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
    },
    body: { status: "ok" },
  });
});

test.each([
  ["GET /nothing", 404, undefined],
  ["GET /me/", 404, undefined],
  ["GET /sessions/", 404, undefined],
  ["POST /me", 405, "GET, PUT"],
  ["HEAD /me", 405, "GET, PUT"],
  ["OPTIONS /me", 405, "GET, PUT"],
  ["GET /sessions/abc", 405, "DELETE"],
])("S32: %s is answered %p with a problem document", async (route, status, allow) => {
  const answer = await ask(route, { routeKey: "$default", rawQueryString: "a=b" });
  expect(answer).toMatchObject({
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    body: { status, action: "fix_request", retryable: false, instance: "request-1" },
  });
  expect(answer.headers["allow"]).toBe(allow);
});

test("one line is logged per request, without the path", async () => {
  await ask("GET /secret-in-the-path", { routeKey: "$default" });
  expect(log).toHaveBeenCalledTimes(1);
  expect(JSON.parse(String(log.mock.calls[0]?.[0]))).toEqual({
    at: expect.any(String) as string,
    level: "info",
    event: "request",
    outcome: "refused",
    dynamodbCalls: 0,
    kmsCalls: 0,
    providerCalls: 0,
    _aws: expect.any(Object) as object,
    requestId: "request-1",
    route: "$default",
    status: 404,
    code: "not_found",
    reason: "not_found",
    durationMs: expect.any(Number) as number,
  });
});
