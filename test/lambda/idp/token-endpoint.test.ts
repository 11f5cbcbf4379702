import type { IdpSettings } from "../../../lambda/env";
import { createProfile } from "../../../lambda/idp/profile";
import { createTokenEndpoint } from "../../../lambda/idp/token-endpoint";
import {
  HttpFailure,
  type HttpRequest,
  type HttpResponse,
} from "../../../lambda/ports/http-client";
import { authenticateBy, postedSecret, secretSource } from "../../support/client-credentials";
import { ALICE, BOB, CLIENT_ID, ISSUER, NOW } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

const SECRET = "s3cret &+=%:ü";
const CLIENT = postedSecret(SECRET);
const TOKEN = "token with &, +, = and %";

function createEndpoint(
  settings: Partial<IdpSettings> = {},
  answer: HttpResponse | HttpFailure = {
    status: 200,
    headers: {},
    body: Buffer.from('{"access_token":"a"}'),
  },
) {
  const requests: HttpRequest[] = [];
  const all: IdpSettings = { ...ROLLUP_SETTINGS, ...settings };
  const endpoint = createTokenEndpoint({
    settings: all,
    profile: createProfile(all),
    http: {
      send: (request) => {
        requests.push(request);
        return answer instanceof HttpFailure ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    clock: { now: () => NOW },
  });
  return { endpoint, requests };
}

describe("the refresh token grant", () => {
  test("S42: Rollup ID gets a form with the secret in the body and nowhere else", async () => {
    const { endpoint, requests } = createEndpoint();
    await endpoint.refresh(TOKEN, CLIENT, ALICE);
    const [request] = requests;
    expect(requests).toHaveLength(1);
    expect(request).toMatchObject({
      method: "POST",
      url: `${ISSUER}/token`,
      timeoutMs: 4_000,
      maxBytes: 65_536,
    });
    expect(request?.headers).toEqual({
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: "refresh_token",
      refresh_token: TOKEN,
      client_id: CLIENT_ID,
      client_secret: SECRET,
    });
  });

  test("an RFC provider gets the secret by Basic, each half form-encoded first (RFC 6749 2.3.1)", async () => {
    const settings: IdpSettings = { ...ROLLUP_SETTINGS, profile: "oidc" };
    const { endpoint, requests } = createEndpoint(settings);
    const client = await authenticateBy(secretSource(SECRET), settings).prepare();
    await endpoint.refresh(TOKEN, client, ALICE);
    const header = requests[0]?.headers?.["authorization"] ?? "";
    const pair = Buffer.from(header.replace("Basic ", ""), "base64").toString().split(":");
    const decoded = pair.map((half) => new URLSearchParams(`x=${half}`).get("x"));
    expect(decoded).toEqual([CLIENT_ID, SECRET]);
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: "refresh_token",
      refresh_token: TOKEN,
    });
  });

  test("an RFC provider that wants the secret in the body gets it there", async () => {
    const settings: IdpSettings = {
      ...ROLLUP_SETTINGS,
      profile: "oidc",
      clientAuthentication: "client_secret_post",
    };
    const { endpoint, requests } = createEndpoint(settings);
    const client = await authenticateBy(secretSource(SECRET), settings).prepare();
    await endpoint.refresh(TOKEN, client, ALICE);
    expect(requests[0]?.headers?.["authorization"]).toBeUndefined();
    expect(new URLSearchParams(requests[0]?.body).get("client_secret")).toBe(SECRET);
  });

  test("a request has the time that the stage gives it, and one that ran out of it says so", async () => {
    const slow = new HttpFailure(true, "time");
    const { endpoint, requests } = createEndpoint({ tokenEndpointTimeoutMs: 7_000 }, slow);
    expect(endpoint.timeoutMs).toBe(7_000);
    const limited = { kind: "failed", setting: "idp.tokenEndpointTimeoutMs" };
    expect(await endpoint.refresh(TOKEN, CLIENT, ALICE)).toMatchObject(limited);
    expect(requests[0]?.timeoutMs).toBe(7_000);
    const large = createEndpoint({}, new HttpFailure(true, "size"));
    expect(await large.endpoint.refresh(TOKEN, CLIENT, ALICE)).not.toHaveProperty("setting");
  });

  test.each([
    [false, { cause: "idp_unavailable", processed: "no" }],
    [true, { cause: "idp_in_doubt", processed: "maybe" }],
  ])("a failure with sent %p is told as %j", async (sent, expected) => {
    const { endpoint } = createEndpoint({}, new HttpFailure(sent));
    expect(await endpoint.refresh(TOKEN, CLIENT, ALICE)).toMatchObject({
      kind: "failed",
      ...expected,
    });
  });
});

describe("the authorization code grant", () => {
  const CODE = {
    code: "0xabc &",
    redirectUri: "https://app.example/cb?x=1",
    codeVerifier: undefined,
  };
  const answer = (body: unknown, status = 200) => ({
    status,
    headers: {},
    body: Buffer.from(JSON.stringify(body)),
  });

  test("sends code and redirect URI in the form, and the verifier only where there is one", async () => {
    const { endpoint, requests } = createEndpoint({}, answer({}));
    await endpoint.exchangeCode(CODE, CLIENT);
    await endpoint.exchangeCode({ ...CODE, codeVerifier: "v".repeat(43) }, CLIENT);
    const common = {
      grant_type: "authorization_code",
      code: CODE.code,
      redirect_uri: CODE.redirectUri,
      client_id: CLIENT_ID,
      client_secret: SECRET,
    };
    expect(requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))).toEqual([
      common,
      { ...common, code_verifier: "v".repeat(43) },
    ]);
  });

  test("brings the three tokens", async () => {
    const body = { access_token: "a", refresh_token: "r", id_token: "i", token_type: "Bearer" };
    const { endpoint } = createEndpoint({}, answer(body));
    expect(await endpoint.exchangeCode(CODE, CLIENT)).toMatchObject({
      kind: "tokens",
      idToken: "i",
      refreshToken: "r",
      accessToken: { accessToken: "a" },
    });
  });

  const jwt = (claims: object) =>
    `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
  const ours = { iss: ROLLUP_SETTINGS.issuer, aud: [CLIENT_ID], sub: ALICE };
  const codeAnswer = async (access: object, settings: Partial<IdpSettings> = {}) => {
    const body = { access_token: jwt(access), id_token: jwt({ sub: ALICE }) };
    const { endpoint } = createEndpoint(settings, answer(body));
    return (await endpoint.exchangeCode(CODE, CLIENT)).kind;
  };

  test.each([
    ["another user", { sub: BOB }],
    ["another issuer", { iss: "https://evil.example" }],
    ["another client", { aud: ["other"] }],
    ["nobody", { sub: undefined }],
    ["no issuer", { iss: undefined }],
    ["no audience", { aud: undefined }],
  ])(
    "F14: of Rollup ID with an access token of %s beside the ID token is none",
    async (_, claims) => {
      expect(await codeAnswer(ours)).toBe("tokens");
      expect(await codeAnswer({ ...ours, ...claims })).toBe("failed");
    },
  );

  test("12.7: of an RFC provider the access token is opaque, whatever can be read in it", async () => {
    const settings = { profile: "oidc", idTokenSigningAlgs: ["RS256"] } as const;
    const access = { iss: "https://sts.example", sub: "pairwise", aud: "https://graph.example" };
    expect(await codeAnswer(access, settings)).toBe("tokens");
  });

  test("F14: an ID token without a subject vouches for no access token", async () => {
    const body = { access_token: jwt({ ...ours, sub: "" }), id_token: jwt({}) };
    const { endpoint } = createEndpoint({}, answer({ ...body, id_token: jwt({ sub: 7 }) }));
    expect((await endpoint.exchangeCode(CODE, CLIENT)).kind).toBe("tokens");
    const other = createEndpoint({}, answer({ ...body, access_token: jwt(ours) }));
    expect((await other.endpoint.exchangeCode(CODE, CLIENT)).kind).toBe("failed");
  });

  test("without an ID token is no answer to a code", async () => {
    const { endpoint } = createEndpoint({}, answer({ access_token: "a", refresh_token: "r" }));
    expect(await endpoint.exchangeCode(CODE, CLIENT)).toMatchObject({
      kind: "failed",
      cause: "idp_protocol",
    });
  });

  test("a 503 with Retry-After has not begun: the code is as good as it was, unless tokens came with it", async () => {
    const busy = { ...answer("", 503), headers: { "retry-after": "3" } };
    expect(await createEndpoint({}, busy).endpoint.exchangeCode(CODE, CLIENT)).toMatchObject({
      kind: "failed",
      processed: "no",
      retryAfterSeconds: 3,
    });
    const tokens = answer({ access_token: "a", refresh_token: "r" }, 503);
    for (const other of [
      answer("", 503),
      { ...busy, status: 502 },
      { ...busy, body: tokens.body },
    ]) {
      const { endpoint } = createEndpoint({}, other);
      expect(await endpoint.exchangeCode(CODE, CLIENT)).toMatchObject({ processed: "maybe" });
    }
  });

  test("tells a refused code, a rejected client and an outage apart", async () => {
    const wrongSecret = {
      code: "BAD_REQUEST",
      message: "invalid client credentials",
      name: "RollupError",
    };
    const rollup = createEndpoint({}, answer(wrongSecret, 400));
    expect(await rollup.endpoint.exchangeCode(CODE, CLIENT)).toEqual({ kind: "client_rejected" });
    const oidc = createEndpoint({ profile: "oidc" }, answer({ error: "invalid_grant" }, 400));
    expect(await oidc.endpoint.exchangeCode(CODE, CLIENT)).toEqual({ kind: "refused" });
    const down = createEndpoint({}, new HttpFailure(false));
    expect(await down.endpoint.exchangeCode(CODE, CLIENT)).toMatchObject({
      kind: "failed",
      processed: "no",
    });
  });
});

describe("revocation (RFC 7009)", () => {
  test("is not tried where the provider has no endpoint for it", async () => {
    const { endpoint, requests } = createEndpoint();
    expect(await endpoint.revoke(TOKEN, CLIENT)).toBe(false);
    expect(requests).toEqual([]);
  });

  test("sends token and hint to the configured endpoint", async () => {
    const revocationEndpoint = "https://op.example/revoke";
    const { endpoint, requests } = createEndpoint({ profile: "oidc", revocationEndpoint });
    expect(await endpoint.revoke(TOKEN, CLIENT)).toBe(true);
    expect(requests[0]?.url).toBe(revocationEndpoint);
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      ...CLIENT.fields,
      token: TOKEN,
      token_type_hint: "refresh_token",
    });
  });

  test("that fails is told as not done, and never throws", async () => {
    const revocationEndpoint = "https://op.example/revoke";
    const answers = [new HttpFailure(true), { status: 503, headers: {}, body: Buffer.from("") }];
    for (const answer of answers) {
      const { endpoint } = createEndpoint({ profile: "oidc", revocationEndpoint }, answer);
      expect(await endpoint.revoke(TOKEN, CLIENT)).toBe(false);
    }
  });
});
