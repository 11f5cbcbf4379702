import { decodeJwt, generateKeyPair, SignJWT } from "jose";
import { startRollupId } from "../src/start";
import { createRollupIdClient, jsonOf, REDIRECT_URI } from "./rollup-id-client";
import { useRollupId } from "./world";

const { server, client, advance, verify } = useRollupId();

const outcome = async (response: Response) => [
  response.status,
  (await jsonOf(response))["message"],
];

async function forged(claims: Record<string, unknown>): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256");
  return await new SignJWT(claims).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
}

describe("success", () => {
  test("Q1: is 200 as in the code; 201 as in the documentation where set so", async () => {
    const { refresh_token: token } = await client().signIn();
    expect((await client().token({ refresh_token: token })).status).toBe(200);
    await client().faults({ success_status: 201 });
    expect((await client().token({ refresh_token: token })).status).toBe(201);
  });

  test("Q2: has exactly four members for a code, and no expires_in", async () => {
    const response = await client().token({ code: await client().code() });
    const answer = await jsonOf(response);
    expect(Object.keys(answer)).toEqual([
      "token_type",
      "access_token",
      "refresh_token",
      "id_token",
    ]);
    expect(answer["token_type"]).toBe("Bearer");
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("pragma")).toBe("no-cache");
  });

  test("Q3: is an access token and nothing else for a refresh token, as often as one likes", async () => {
    const { refresh_token: token } = await client().signIn();
    const ids = new Set<unknown>();
    for (let round = 0; round < 3; round += 1) {
      const answer = await jsonOf(await client().token({ refresh_token: token }));
      expect(Object.keys(answer)).toEqual(["token_type", "access_token"]);
      const { payload } = await verify(String(answer["access_token"]));
      expect(payload).toMatchObject({ sub: decodeJwt(token).sub, scope: "openid profile" });
      ids.add(payload.jti);
      advance(40_000_000_000);
    }
    expect(ids.size).toBe(3);
  });

  test("Q3: two refreshes at once with one token both succeed", async () => {
    const { refresh_token: token } = await client().signIn();
    const both = [1, 2].map(async () => await client().token({ refresh_token: token }));
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
  });

  test("Q10: the refresh path is taken for a refresh token that is not empty, with any grant type", async () => {
    const { refresh_token: token } = await client().signIn();
    const odd = { grant_type: "authorization_code", refresh_token: token };
    expect(await jsonOf(await client().token(odd))).not.toHaveProperty("id_token");
    const empty = { grant_type: "refresh_token", refresh_token: "", code: await client().code() };
    expect(await jsonOf(await client().token(empty))).toHaveProperty("id_token");
  });

  test("Q13: a code can be exchanged again for two minutes, each time for a fresh set, and then no more", async () => {
    const code = await client().code();
    const first = await jsonOf(await client().token({ code }));
    advance(120_000);
    const second = await jsonOf(await client().token({ code }));
    expect(Object.keys(second)).toEqual(Object.keys(first));
    expect(second["refresh_token"]).not.toBe(first["refresh_token"]);
    advance(1);
    expect(await outcome(await client().token({ code }))).toEqual([500, "unknown error"]);
  });

  test("Q13: redirect_uri and code_verifier are not looked at", async () => {
    const ignored = { redirect_uri: "https://other.example/", code_verifier: "wrong", scope: "x" };
    const fields = { code: await client().code(), ...ignored };
    expect((await client().token(fields)).status).toBe(200);
  });

  test("Q5: an access token passes as a refresh token for as long as it lives", async () => {
    const { access_token: token } = await client().signIn();
    expect((await client().token({ refresh_token: token })).status).toBe(200);
    advance(3_600_000);
    const response = await client().token({ refresh_token: token });
    expect(await outcome(response)).toEqual([401, "expired token"]);
  });

  test("Q14: a refresh token from before a key rollover is still good", async () => {
    const { refresh_token: token } = await client().signIn();
    await client().faults({ keys: "rotate" });
    expect((await client().token({ refresh_token: token })).status).toBe(200);
  });
});

describe("Q9: errors are the real one's, with the real statuses", () => {
  const cases: [string, () => Promise<Record<string, string | undefined>>, number, string][] = [
    [
      "a wrong client secret",
      async () => ({ client_secret: "x" }),
      400,
      "invalid client credentials",
    ],
    ["an unknown client", async () => ({ client_id: "x" }), 400, "invalid client credentials"],
    ["no client secret", async () => ({ client_secret: undefined }), 500, "data error"],
    ["no client id", async () => ({ client_id: undefined }), 500, "data error"],
    [
      "the code by its documented, wrong name",
      async () => ({ exchange_code: await client().code() }),
      500,
      "data error",
    ],
    ["an unknown code", async () => ({ code: "0x00" }), 500, "unknown error"],
    ["no JWT", async () => ({ refresh_token: "opaque" }), 500, "unknown error"],
    [
      "an ID token",
      async () => ({ refresh_token: (await client().signIn()).id_token }),
      500,
      "unknown error",
    ],
    [
      "a token for another client",
      async () => ({ refresh_token: await forged({ aud: ["x"], sub: "s" }) }),
      400,
      "mismatch client id",
    ],
    [
      "an aud that is no array",
      async () => ({ refresh_token: await forged({ aud: server().clientId, sub: "s" }) }),
      400,
      "mismatch client id",
    ],
    [
      "a token without sub",
      async () => ({ refresh_token: await forged({ aud: [server().clientId] }) }),
      400,
      "missing subject",
    ],
    [
      "a token by another key",
      async () => ({ refresh_token: await forged({ aud: [server().clientId], sub: "s" }) }),
      401,
      "token verification failed",
    ],
  ];

  test.each(cases)("%s", async (_, fields, status, message) => {
    const given = await fields();
    const usual = "refresh_token" in given || "code" in given || "exchange_code" in given;
    const token = usual ? {} : { refresh_token: (await client().signIn()).refresh_token };
    const response = await client().token({ ...token, ...given });
    const answer = await jsonOf(response);
    expect([response.status, answer["message"]]).toEqual([status, message]);
    const traceparent = expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/) as string;
    const code = status === 400 ? "BAD_REQUEST" : "UNAUTHORIZED";
    expect(answer).toEqual(
      status === 500
        ? { message, traceparent }
        : { code, message, name: "RollupError", traceparent },
    );
    expect(response.headers.get("x-remix-catch")).toBe(status === 500 ? null : "yes");
  });

  test("a token of another provider with the same habits is another client's", async () => {
    const other = await startRollupId({ port: 0, redirectUris: [REDIRECT_URI] });
    const { refresh_token: token } = await createRollupIdClient(other).signIn();
    await other.close();
    const response = await client().token({ refresh_token: token });
    expect(await outcome(response)).toEqual([400, "mismatch client id"]);
  });
});

describe("Q10: a form, with the secret in it", () => {
  const send = async (body: string | FormData, headers: Record<string, string> = {}) =>
    await fetch(`${server().issuer}/token`, { method: "POST", headers, body });
  const fields = async () => ({
    client_id: server().clientId,
    client_secret: server().clientSecret,
    refresh_token: (await client().signIn()).refresh_token,
  });

  test("multipart is understood", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(await fields())) {
      form.set(name, value);
    }
    expect((await send(form)).status).toBe(200);
  });

  test("JSON is not", async () => {
    const body = JSON.stringify(await fields());
    const response = await send(body, { "content-type": "application/json" });
    expect(await outcome(response)).toEqual([500, "unknown error"]);
  });

  test("Basic is not", async () => {
    const { client_id: id, client_secret: secret, ...rest } = await fields();
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const response = await send(new URLSearchParams(rest).toString(), headers);
    expect(await outcome(response)).toEqual([500, "data error"]);
  });

  test("a body without end is cut off", async () => {
    const body = `refresh_token=${"x".repeat(300_000)}`;
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const status = await send(body, headers).then(
      (response) => response.status,
      () => "closed",
    );
    expect([500, "closed"]).toContain(status);
    expect((await client().get("/faults")).status).toBe(200);
  });

  test("GET is not", async () => {
    expect((await client().get("/token")).status).toBe(405);
  });
});
