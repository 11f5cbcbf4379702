/** The HTTP API by itself: what functions get, and what becomes of what they answer. */
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { type Gateway, openGateway } from "../../src/gateway/gateway";
import { type Call, exchange as call } from "../http-exchange";

const KEYS = ["GET /items/{id}", "PUT /items", "ANY /any/{rest+}", "$default"];

let gateway: Gateway;
let events: APIGatewayProxyEventV2[];
let respond: () => unknown;

beforeAll(async () => {
  gateway = await openGateway(0);
});

beforeEach(() => {
  events = [];
  respond = () => ({ statusCode: 200 });
  gateway.serve({
    routes: KEYS.map((key) => ({ key, functionId: key, authorization: "NONE" })),
    cors: {
      AllowOrigins: ["https://app.example"],
      AllowMethods: ["PUT"],
      MaxAge: 60,
      AllowHeaders: ["authorization"],
      ExposeHeaders: ["retry-after"],
      AllowCredentials: false,
    },
    invoke: async (_, event) => {
      events.push(event as APIGatewayProxyEventV2);
      return respond();
    },
  });
});

afterAll(async () => {
  await gateway.close();
});

test("beyond a route's throttle API Gateway answers by itself, with CORS headers, and no function runs", async () => {
  const routes = KEYS.map((key) => ({ key, functionId: key, authorization: "NONE" as const }));
  const throttles = { others: undefined, routes: new Map([["$default", { rate: 1, burst: 1 }]]) };
  const cors = {
    AllowOrigins: ["https://app.example"],
    AllowMethods: ["PUT"],
    MaxAge: 60,
    AllowHeaders: ["authorization"],
    ExposeHeaders: ["retry-after"],
    AllowCredentials: false,
  };
  let runs = 0;
  const invoke = () => {
    runs += 1;
    return Promise.resolve({ statusCode: 200 });
  };
  gateway.serve({ routes, cors, throttles, invoke });
  const headers = ["origin", "https://app.example"];
  const answers = [
    await send({ path: "/elsewhere", headers }),
    await send({ path: "/elsewhere", headers }),
    await send({ path: "/items/1", headers }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 429, 200]);
  expect(answers[1]?.body).toEqual({ message: "Too Many Requests" });
  expect(answers[1]?.headers).toMatchObject({
    "access-control-allow-origin": "https://app.example",
  });
  expect(runs).toBe(2);
});

const send = (request: Partial<Call>) =>
  call(gateway.url, { method: "GET", path: "/items/1", ...request });

test("the event has lower-case names, joined duplicates, cookies apart, and the query joined by name", async () => {
  await send({
    path: "/items/a%20b?x=1&y=%20&x=2",
    headers: ["X-One", "1", "x-one", "2", "Cookie", "a=1; b=2", "User-Agent", "test"],
  });
  expect(events[0]).toMatchObject({
    version: "2.0",
    routeKey: "GET /items/{id}",
    rawPath: "/items/a%20b",
    rawQueryString: "x=1&y=%20&x=2",
    queryStringParameters: { x: "1,2", y: " " },
    cookies: ["a=1", "b=2"],
    pathParameters: { id: "a b" },
    isBase64Encoded: false,
    headers: { "x-one": "1,2", "x-forwarded-proto": "http" },
    requestContext: {
      routeKey: "GET /items/{id}",
      stage: "$default",
      requestId: expect.any(String),
      http: { method: "GET", sourceIp: "127.0.0.1", userAgent: "test", protocol: "HTTP/1.1" },
    },
  });
  expect(events[0]?.headers).not.toHaveProperty("cookie");
  expect(events[0]).not.toHaveProperty("body");
});

test.each([
  ["GET", "/items/1", "GET /items/{id}"],
  ["DELETE", "/any/a/b", "ANY /any/{rest+}"],
  ["DELETE", "/items", "$default"],
  ["GET", "/items/1/", "$default"],
  ["GET", "/Items/1", "$default"],
  ["GET", "/items/%zz", "$default"],
])("%s %s is for %s", async (method, path, routeKey) => {
  await send({ method, path });
  expect(events[0]?.routeKey).toBe(routeKey);
});

test.each([
  ["application/json; charset=utf-8", Buffer.from('{"ü":1}'), false],
  ["application/problem+json", Buffer.from("{}"), false],
  ["text/plain", Buffer.from("text"), false],
  ["application/json", Buffer.from([0x22, 0xff, 0x22]), true],
  ["application/x-www-form-urlencoded", Buffer.from("a=1"), true],
  ["image/png", Buffer.from("text"), true],
])("a body of %s arrives whole", async (type, body, isBase64Encoded) => {
  await send({ method: "PUT", path: "/items", body, headers: ["content-type", type] });
  const event = events[0]!;
  expect(event.isBase64Encoded).toBe(isBase64Encoded);
  expect(Buffer.from(event.body!, isBase64Encoded ? "base64" : "utf8")).toEqual(body);
});

test("a structured answer: status, headers, cookies, base64", async () => {
  respond = () => ({
    statusCode: 201,
    headers: { "X-Own": 1 },
    cookies: ["a=1", "b=2"],
    body: Buffer.from("text").toString("base64"),
    isBase64Encoded: true,
  });
  const answer = await send({});
  expect([answer.status, answer.headers["x-own"], answer.text]).toEqual([201, "1", "text"]);
  expect(answer.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
});

test("an answer without a status code is the JSON body of a 200", async () => {
  respond = () => ({ any: "thing" });
  const answer = await send({});
  expect([answer.status, answer.body]).toEqual([200, { any: "thing" }]);
  expect(answer.headers["content-type"]).toBe("application/json");
});

test.each([
  ["a status code that is none", () => ({ statusCode: "200" })],
  ["a body that is no text", () => ({ statusCode: 200, body: {} })],
  [
    "a function that fails",
    () => {
      throw new Error("secret detail");
    },
  ],
])("%s is an internal server error without a word more", async (_, answerWith) => {
  respond = answerWith;
  const answer = await send({});
  expect([answer.status, answer.body]).toEqual([500, { message: "Internal Server Error" }]);
});

test("a function's own CORS headers are dropped, the API's are added for a listed origin only", async () => {
  respond = () => ({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" } });
  const listed = await send({ headers: ["origin", "https://app.example"] });
  expect(listed.headers["access-control-allow-origin"]).toBe("https://app.example");
  expect(listed.headers["access-control-expose-headers"]).toBe("retry-after");
  const other = await send({ headers: ["origin", "https://other.example"] });
  expect(other.headers).not.toHaveProperty("access-control-allow-origin");
});

test("a preflight is answered without a function; an OPTIONS that is none reaches one", async () => {
  const headers = ["origin", "https://app.example"];
  const preflight = await send({
    method: "OPTIONS",
    headers: [...headers, "access-control-request-method", "PUT"],
  });
  expect([preflight.status, events.length]).toEqual([204, 0]);
  expect(preflight.headers["access-control-max-age"]).toBe("60");
  await send({ method: "OPTIONS", headers });
  expect(events).toHaveLength(1);
});
