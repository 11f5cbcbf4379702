import { createProfile } from "../../../lambda/idp/profile";
import { createTokenEndpoint } from "../../../lambda/idp/token-endpoint";
import type { IdpSettings } from "../../../lambda/env";
import { HttpFailure, type HttpRequest, type HttpResponse } from "../../../lambda/ports";
import { ALICE, CLIENT_ID, ISSUER, NOW } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

const SECRET = "s3cret &+=%:ü";
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
    await endpoint.refresh(TOKEN, SECRET, ALICE);
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
    const { endpoint, requests } = createEndpoint({ profile: "oidc" });
    await endpoint.refresh(TOKEN, SECRET, ALICE);
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
    const { endpoint, requests } = createEndpoint({
      profile: "oidc",
      clientAuthentication: "client_secret_post",
    });
    await endpoint.refresh(TOKEN, SECRET, ALICE);
    expect(requests[0]?.headers?.["authorization"]).toBeUndefined();
    expect(new URLSearchParams(requests[0]?.body).get("client_secret")).toBe(SECRET);
  });

  test.each([
    [false, { cause: "idp_unavailable", processed: "no" }],
    [true, { cause: "idp_in_doubt", processed: "maybe" }],
  ])("a failure with sent %p is told as %j", async (sent, expected) => {
    const { endpoint } = createEndpoint({}, new HttpFailure(sent));
    expect(await endpoint.refresh(TOKEN, SECRET, ALICE)).toMatchObject({
      kind: "failed",
      ...expected,
    });
  });
});

describe("revocation (RFC 7009)", () => {
  test("is not tried where the provider has no endpoint for it", async () => {
    const { endpoint, requests } = createEndpoint();
    expect(await endpoint.revoke(TOKEN, SECRET)).toBe(false);
    expect(requests).toEqual([]);
  });

  test("sends token and hint to the configured endpoint", async () => {
    const revocationEndpoint = "https://op.example/revoke";
    const { endpoint, requests } = createEndpoint({ profile: "oidc", revocationEndpoint });
    expect(await endpoint.revoke(TOKEN, SECRET)).toBe(true);
    expect(requests[0]?.url).toBe(revocationEndpoint);
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      token: TOKEN,
      token_type_hint: "refresh_token",
    });
  });

  test("that fails is told as not done, and never throws", async () => {
    const revocationEndpoint = "https://op.example/revoke";
    const answers = [new HttpFailure(true), { status: 503, headers: {}, body: Buffer.from("") }];
    for (const answer of answers) {
      const { endpoint } = createEndpoint({ profile: "oidc", revocationEndpoint }, answer);
      expect(await endpoint.revoke(TOKEN, SECRET)).toBe(false);
    }
  });
});
