/** The real `users` function on a real engine and a key set that it fetches over HTTP. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type * as users from "../../../lambda/handlers/users";
import { DEFAULT_LIMITS } from "../../../lambda/limits";
import type * as sdk from "../../../lambda/platform/sdk";
import { httpEvent, lambdaContext } from "../../support/events";
import { startTestAws, type TestAws } from "../../support/test-aws";
import { ALICE, BOB, createTestIssuer, NOW } from "../../support/tokens";
import { createTestClock, ROLLUP_SETTINGS } from "../../support/users-api";

const SECOND = 1_000;
const issuer = createTestIssuer();
const iat = NOW / SECOND;
let aws: TestAws;
let keys: Server;
let table: string;
let handler: typeof users.handler;

/** A busy machine is slower than the time limits within a region. */
function patientSdk(): typeof sdk {
  const real = jest.requireActual<typeof sdk>("../../../lambda/platform/sdk");
  const { sdkDefaults } = real;
  return { ...real, sdkDefaults: (access) => patient(sdkDefaults(access)) };
}

function patient(defaults: ReturnType<typeof sdk.sdkDefaults>): typeof defaults {
  const limits = { connectionTimeout: 0, requestTimeout: 0, socketTimeout: 0 };
  return { ...defaults, requestHandler: { ...defaults.requestHandler, ...limits } };
}

/** Loads the function anew, as a fresh instance of Lambda would. */
function loadHandler(): typeof users.handler {
  const { port } = keys.address() as AddressInfo;
  Object.assign(process.env, {
    METRICS_NAMESPACE: "RollupVault/test",
    IDP_SETTINGS: JSON.stringify({
      ...ROLLUP_SETTINGS,
      jwksUri: `http://127.0.0.1:${String(port)}`,
    }),
    USERS_TABLE: table,
    API_URL: "http://127.0.0.1:9/",
    SESSIONS_TABLE: "none",
    SESSION_SETTINGS: JSON.stringify({ idleSeconds: 60, absoluteSeconds: 60 }),
    LIMITS: JSON.stringify(DEFAULT_LIMITS),
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "TESTACCESSKEY0000001",
    AWS_SECRET_ACCESS_KEY: "made up",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    AWS_ENDPOINT_URL_DYNAMODB: aws.aws.endpoints.dynamodb,
  });
  jest.resetModules();
  jest.doMock("../../../lambda/platform/sdk", patientSdk);
  return jest.requireActual<typeof users>("../../../lambda/handlers/users").handler;
}

beforeAll(async () => {
  aws = await startTestAws();
  keys = createServer((_, response) => response.end(JSON.stringify(issuer.jwks())));
  await new Promise<void>((resolve) => keys.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await aws.close();
  await new Promise((resolve) => keys.close(resolve));
});

beforeEach(async () => {
  createTestClock();
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
  table = await aws.createTable();
  handler = loadHandler();
  aws.aws.resetCalls();
});

async function call(route: string, claims: Record<string, unknown> = {}) {
  const headers = { authorization: `Bearer ${issuer.idToken({ claims })}` };
  const answer = await handler(httpEvent(route, { headers }), lambdaContext);
  const body = JSON.parse(answer.body ?? "null") as Record<string, unknown>;
  return { status: answer.statusCode, headers: answer.headers, body };
}

test("PUT /me answers 201 for a new user and 200 for a known one, and GET /me the same user", async () => {
  const user = {
    sub: ALICE,
    claims: { name: "Alice" },
    attributes: {},
    created_at: "2026-06-01T12:00:00.000Z",
    updated_at: "2026-06-01T12:00:00.000Z",
    version: 1,
  };
  expect(await call("PUT /me")).toMatchObject({ status: 201, body: user });
  expect(await call("PUT /me")).toMatchObject({ status: 200, body: { ...user, version: 2 } });
  expect(await call("GET /me")).toMatchObject({ status: 200, body: { ...user, version: 2 } });
});

test("GET /me before the first PUT /me is 404, and says what to do", async () => {
  const { status, body } = await call("GET /me");
  expect(status).toBe(404);
  expect(body).toMatchObject({ code: "not_found", action: "fix_request" });
  expect(body["detail"]).toContain("PUT /me creates the user");
});

test("each request is one DynamoDB call, and a refused token is none", async () => {
  await call("PUT /me");
  await call("GET /me");
  await call("PUT /me", { exp: iat - 3_600 });
  expect(aws.aws.calls().map(({ action }) => action)).toEqual(["UpdateItem", "GetItem"]);
});

test("the item can be read by people, and times in it are the clock's", async () => {
  await call("PUT /me");
  const { Item } = await aws.documents.send(
    new GetCommand({ TableName: table, Key: { sub: ALICE } }),
  );
  expect(Item).toEqual({
    writeId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    schemaVersion: 1,
    sub: ALICE,
    claims: { name: "Alice" },
    attributes: {},
    createdAt: "2026-06-01T12:00:00.000Z",
    updatedAt: "2026-06-01T12:00:00.000Z",
    claimsIat: iat - 10,
    claimsTokenHash: expect.stringMatching(/^[\w-]{43}$/),
    version: 1,
  });
});

test("S24: an older token gets the newer profile back and does not overwrite it", async () => {
  const newer = await call("PUT /me", { name: "New", iat, exp: iat + 3_600 });
  const older = await call("PUT /me", { name: "Old", iat: iat - 60, exp: iat + 3_500 });
  expect(older).toMatchObject({ status: 200, body: newer.body });
  expect((await call("GET /me")).body).toEqual(newer.body);
});

test("S25: twenty first sign-ins at once make one user, and one of them is told 201", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => call("PUT /me")));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
  expect((await call("GET /me")).body).toMatchObject({ sub: ALICE, version: 20 });
});

test("S22: two users never see each other", async () => {
  await Promise.all([call("PUT /me"), call("PUT /me", { sub: BOB, name: "Bob" })]);
  expect((await call("GET /me")).body).toMatchObject({ sub: ALICE, claims: { name: "Alice" } });
  expect((await call("GET /me", { sub: BOB })).body).toMatchObject({ claims: { name: "Bob" } });
});

describe("S33: what is wrong behind the API stays behind it", () => {
  test("a table that is not there is 500, for the operator", async () => {
    await aws.documents.send(new DeleteTableCommand({ TableName: table }));
    const answer = await call("PUT /me");
    expect(answer).toMatchObject({
      status: 500,
      body: { code: "server_error", action: "contact_operator", retryable: false },
    });
    expect(JSON.stringify(answer)).not.toContain(table);
  });

  test("a store that cannot be reached is 503 with Retry-After, soon enough", async () => {
    process.env["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:9";
    jest.resetModules();
    handler = jest.requireActual<typeof users>("../../../lambda/handlers/users").handler;
    const answer = await call("PUT /me");
    expect(answer).toMatchObject({
      status: 503,
      headers: { "retry-after": "1" },
      body: { code: "temporarily_unavailable", retryable: true, retry_after: 1, action: "retry" },
    });
  });
});
