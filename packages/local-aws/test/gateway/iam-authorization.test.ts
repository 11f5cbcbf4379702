/** IAM authorization of the local gateway, against requests that another library has signed. */
import { AwsClient } from "aws4fetch";
import { makeCredentials } from "../../src/functions";
import { type Gateway, openGateway } from "../../src/gateway/gateway";
import { createIamAuthorization } from "../../src/gateway/iam-authorization";

const KEY = "POST /service/access-token";
const CREDENTIALS = makeCredentials("Jobs");
const OTHER = makeCredentials("Other");

let gateway: Gateway;
let events: { requestContext: { authorizer?: unknown } }[];

beforeAll(async () => {
  gateway = await openGateway(0);
  gateway.serve({
    routes: [
      { key: KEY, functionId: "f", authorization: "AWS_IAM" },
      { key: "POST /open", functionId: "f", authorization: "NONE" },
    ],
    cors: undefined,
    invoke: (_, event) => {
      events.push(event as (typeof events)[number]);
      return Promise.resolve({ statusCode: 200, body: "{}" });
    },
    authorizeByIam: createIamAuthorization(
      new Map([
        [CREDENTIALS.accessKeyId, { roleName: "Jobs", credentials: CREDENTIALS }],
        [OTHER.accessKeyId, { roleName: "Other", credentials: OTHER }],
      ]),
      ({ accessKeyId, service, action, resource }) =>
        accessKeyId === CREDENTIALS.accessKeyId &&
        `${service}:${action}` === "execute-api:Invoke" &&
        resource ===
          "arn:aws:execute-api:us-east-1:000000000000:local/$default/POST/service/access-token",
    ),
  });
});

beforeEach(() => {
  events = [];
});

afterAll(async () => {
  await gateway.close();
});

interface Signing {
  readonly credentials?: Partial<typeof CREDENTIALS>;
  readonly service?: string;
  readonly region?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function signed({ credentials, service, region, query = "", headers }: Signing = {}) {
  const keys = { ...CREDENTIALS, ...credentials };
  const aws = new AwsClient({
    ...keys,
    service: service ?? "execute-api",
    region: region ?? "us-east-1",
  });
  return await aws.sign(`${gateway.url}/service/access-token${query}`, {
    method: "POST",
    body: JSON.stringify({ sub: "alice" }),
    headers: { "content-type": "application/json", ...headers },
  });
}

test("who has really signed is told to the function, as API Gateway tells it of an assumed role", async () => {
  expect((await fetch(await signed())).status).toBe(200);
  expect(events[0]?.requestContext.authorizer).toEqual({
    iam: {
      accessKey: CREDENTIALS.accessKeyId,
      accountId: "000000000000",
      callerId: "AROALOCALJOBS:local",
      userId: "AROALOCALJOBS:local",
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: "arn:aws:sts::000000000000:assumed-role/Jobs/local",
    },
  });
});

test("query and further headers are part of what is signed", async () => {
  const request = await signed({ query: "?b=2&a=1%20x", headers: { "x-extra": "  two  words " } });
  const tampered = new Request(request.url.replace("b=2", "b=3"), request.clone());
  expect((await fetch(request)).status).toBe(200);
  expect((await fetch(tampered)).status).toBe(403);
});

test.each<[string, Signing]>([
  ["another secret", { credentials: { secretAccessKey: "wrong" } }],
  ["a key that nobody has", { credentials: { accessKeyId: "LOCALNOBODY" } }],
  ["another session's token", { credentials: { sessionToken: "wrong" } }],
  ["credentials whose policies do not allow it", { credentials: OTHER }],
  ["another service", { service: "lambda" }],
  ["another region", { region: "eu-central-1" }],
])("a request signed for %s is refused, and no function runs", async (_, signing) => {
  const response = await fetch(await signed(signing));
  expect([response.status, await response.json()]).toEqual([403, { message: "Forbidden" }]);
  expect(events).toEqual([]);
});

test("a changed body is refused, also with a hash of its own that is not the body's", async () => {
  const request = await signed();
  const body = JSON.stringify({ sub: "bob" });
  expect((await fetch(new Request(request, { body }))).status).toBe(403);
  const hash = "0".repeat(64);
  const withHash = await signed({ headers: { "x-amz-content-sha256": hash } });
  expect((await fetch(withHash)).status).toBe(403);
  expect(events).toEqual([]);
});

test.each([-301, 301])("a signature of %d seconds from now is refused", async (seconds) => {
  jest.spyOn(Date, "now").mockReturnValue(Date.now());
  const at = new Date(Date.now() + seconds * 1000).toISOString().replace(/[:-]|\.\d{3}/g, "");
  const url = `${gateway.url}/service/access-token`;
  const request = { method: "POST", body: "{}", aws: { datetime: at } };
  const aws = new AwsClient({ ...CREDENTIALS, service: "execute-api", region: "us-east-1" });
  expect((await fetch(await aws.sign(url, request))).status).toBe(403);
});

test.each(["host", "x-amz-date", "x-amz-security-token"])(
  "a signature that does not cover %s is refused",
  async (name) => {
    const request = await signed();
    const headers = new Headers(request.headers);
    const authorization = headers.get("authorization") ?? "";
    headers.set("authorization", authorization.replace(new RegExp(`;?${name}(?=[;,])`), ""));
    expect((await fetch(new Request(request, { headers }))).status).toBe(403);
  },
);

test.each<Record<string, string>>([
  {},
  { authorization: "Bearer token" },
  { authorization: "AWS4-HMAC-SHA256 junk" },
])("an unsigned request (%p) is refused", async (headers) => {
  const url = `${gateway.url}/service/access-token`;
  expect((await fetch(url, { method: "POST", headers, body: "{}" })).status).toBe(403);
});

test("an open route gets no identity, even where the request claims one", async () => {
  const request = await signed();
  await fetch(new Request(`${gateway.url}/open`, request));
  expect(events).toHaveLength(1);
  expect(events[0]?.requestContext).not.toHaveProperty("authorizer");
});
