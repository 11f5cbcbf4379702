/** The token endpoint with the real HTTP client against real servers on loopback. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { IdpSettings } from "../../../lambda/env";
import { createProfile } from "../../../lambda/idp/profile";
import { createTokenEndpoint } from "../../../lambda/idp/token-endpoint";
import { createHttpClient } from "../../../lambda/platform/http-client";
import { authenticateBy, postedSecret, secretSource } from "../../support/client-credentials";
import { ALICE, CLIENT_ID, NOW } from "../../support/tokens";
import { accessToken, OIDC_SETTINGS, ROLLUP_SETTINGS } from "./answers";

const SECRET = "s3cret &+=%:ü";
const TOKEN = "token with &, +, = and %2B";
const TIMEOUT_MS = 150;
const servers: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/token`;
}

function endpointAt(url: string, base: IdpSettings = ROLLUP_SETTINGS) {
  const urls = { tokenEndpoint: url, revocationEndpoint: url };
  const settings: IdpSettings = { ...base, ...urls, tokenEndpointTimeoutMs: TIMEOUT_MS };
  const profile = createProfile(settings);
  const clock = { now: () => NOW };
  return createTokenEndpoint({
    settings,
    profile,
    http: createHttpClient(),
    clock,
  });
}

const refreshAt = async (url: string) =>
  await endpointAt(url).refresh(TOKEN, postedSecret(SECRET), ALICE);

async function bodyOf(incoming: Parameters<RequestListener>[0]): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

test.each([
  ["rollup", ROLLUP_SETTINGS, { client_id: CLIENT_ID, client_secret: SECRET }, undefined],
  ["oidc", OIDC_SETTINGS, {}, "Basic"],
])("token and secret arrive as they are (%s)", async (_, settings, credentials, scheme) => {
  const seen: unknown[] = [];
  const url = await serve((incoming, response) => {
    void bodyOf(incoming).then((form) => {
      seen.push(Object.fromEntries(form), incoming.headers.authorization?.split(" ")[0]);
      response.end(JSON.stringify({ token_type: "Bearer", access_token: accessToken }));
    });
  });
  const client = await authenticateBy(secretSource(SECRET), settings).prepare();
  const answer = await endpointAt(url, settings).refresh(TOKEN, client, ALICE);
  const sub = settings.profile === "rollup" ? ALICE : undefined;
  expect(answer).toMatchObject({ kind: "tokens", foreign: false, sub });
  const grant = { grant_type: "refresh_token", refresh_token: TOKEN };
  expect(seen).toEqual([{ ...grant, ...credentials }, scheme]);
});

test.each([301, 302, 303, 307, 308])(
  "S43: a %s carries neither secret nor token anywhere, on exchange and on revocation",
  async (status) => {
    let elsewhere = 0;
    const target = await serve((_, response) => {
      elsewhere += 1;
      response.end();
    });
    const url = await serve((_, response) =>
      response.writeHead(status, { location: target }).end(),
    );
    expect(await refreshAt(url)).toMatchObject({ cause: "idp_protocol", processed: "maybe" });
    expect(await endpointAt(url).revoke(TOKEN, postedSecret(SECRET))).toBe(false);
    expect(elsewhere).toBe(0);
  },
);

test("S43: a token endpoint on plain http beyond loopback gets nothing", async () => {
  expect(await refreshAt("http://192.0.2.1/token")).toMatchObject({
    cause: "idp_unavailable",
    processed: "no",
  });
});

const SLOW = { setting: "idp.tokenEndpointTimeoutMs" };

test.each<[string, RequestListener, object?]>([
  ["no answer", () => undefined, SLOW],
  [
    "a body that drips",
    (_, response) => {
      const timer = setInterval(() => response.write(" "), 5);
      response.on("close", () => {
        clearInterval(timer);
      });
    },
    SLOW,
  ],
  [
    "a body above 64 KB",
    (_, response) => {
      response.end(JSON.stringify({ access_token: "x".repeat(65_536) }));
    },
  ],
  [
    "a body cut off",
    (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"access_token":', () => response.destroy());
    },
  ],
  ["a connection that is dropped", (_, response) => response.destroy()],
])("S52: %s is in doubt, and is over within the deadline", async (_, listener, limit = {}) => {
  const url = await serve(listener);
  const begun = performance.now();
  expect(await refreshAt(url)).toEqual({
    kind: "failed",
    cause: "idp_in_doubt",
    processed: "maybe",
    retryAfterSeconds: undefined,
    ...limit,
  });
  expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS * 10);
});

test("an endpoint that nobody listens at was certainly not reached", async () => {
  const url = await serve(() => undefined);
  const server = servers.pop()!;
  await new Promise((resolve) => server.close(resolve));
  expect(await refreshAt(url)).toMatchObject({ cause: "idp_unavailable", processed: "no" });
});

describe("S47: a successor that has arrived is never lost", () => {
  const HEAD = '{"token_type":"Bearer","refresh_token":"new \\u0031",';

  test.each<[string, RequestListener]>([
    [
      "the connection breaks behind it",
      (_, response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write(`${HEAD}"access_to`, () => response.destroy());
      },
    ],
    [
      "the rest drips",
      (_, response) => {
        response.write(HEAD);
        const timer = setInterval(() => response.write(" "), 5);
        response.on("close", () => {
          clearInterval(timer);
        });
      },
    ],
    [
      "the rest is too large",
      (_, response) => response.end(`${HEAD}"access_token":"${"x".repeat(70_000)}"}`),
    ],
    ["the rest is no JSON", (_, response) => response.end(`${HEAD}"access_token":`)],
    [
      "it was compressed, and breaks off",
      (_, response) => {
        const body = gzipSync(`${HEAD}"access_token":"${"x".repeat(100)}"}`);
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(body.subarray(0, -20));
      },
    ],
  ])("where %s", async (_, listener) => {
    const outcome = await refreshAt(await serve(listener));
    expect(outcome).toMatchObject({ kind: "failed", processed: "maybe", refreshToken: "new 1" });
  });

  test.each([
    ["half of it", '{"refresh_token":"ne'],
    ["two of them", '{"refresh_token":"a","x":{"refresh_token":"b"},'],
    ["a text that speaks of one", '{"message":"\\"refresh_token\\": \\"a\\"",'],
    ["an empty one", '{"refresh_token":"",'],
  ])("and %s is none", async (_, body) => {
    const outcome = await refreshAt(await serve((__, response) => response.end(body)));
    expect(outcome).toMatchObject({ kind: "failed", cause: "idp_protocol" });
    expect(outcome).not.toHaveProperty("refreshToken");
  });

  test("under a status that says failure, beside an access token", async () => {
    const body = JSON.stringify({ access_token: "a", refresh_token: "new" });
    for (const status of [302, 400, 500, 503]) {
      const url = await serve((_, response) => response.writeHead(status).end(body));
      expect(await refreshAt(url)).toMatchObject({ kind: "failed", refreshToken: "new" });
    }
    const echo = await serve((_, response) => response.writeHead(500).end('{"refresh_token":"x"}'));
    expect(await refreshAt(echo)).not.toHaveProperty("refreshToken");
  });
});
