import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { startRollupId, type RollupId } from "../../../local/rollup-id/start";
import { NOW } from "../../support/tokens";
import {
  createRollupIdClient,
  REDIRECT_URI,
  type RollupIdClient,
} from "../../support/rollup-id-client";

let server: RollupId;
let client: RollupIdClient;
let now = NOW;

beforeEach(async () => {
  now = NOW;
  server = await startRollupId({ port: 0, redirectUris: [REDIRECT_URI], clock: () => now });
  client = createRollupIdClient(server);
});

afterEach(async () => {
  await server.close();
});

const body = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe("authorize", () => {
  test("&user=NAME redirects at once with a code of 24 random bytes, and the state", async () => {
    const response = await client.authorize({ user: "Alice", state: "a b&c" });
    const location = new URL(response.headers.get("location") ?? "");
    expect(response.status).toBe(302);
    expect(location.origin + location.pathname).toBe(REDIRECT_URI);
    expect(location.searchParams.get("code")).toMatch(/^0x[0-9a-f]{48}$/);
    expect(location.searchParams.get("state")).toBe("a b&c");
  });

  test("without a user it is a page that shows people, scopes and a way out, and runs no script", async () => {
    await client.signIn('<script>alert("x")</script>');
    const response = await client.authorize();
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain("your name and picture");
    expect(html).toContain('value="deny"');
    expect(html).toContain("&#60;script&#62;");
    expect(html).not.toContain("<script");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("deny comes back as access_denied", async () => {
    const location = (await client.authorize({ decision: "deny" })).headers.get("location") ?? "";
    expect(new URL(location).searchParams.get("error")).toBe("access_denied");
  });

  test.each<Record<string, string>>([
    { client_id: "other" },
    { redirect_uri: "https://evil.example/callback" },
    { redirect_uri: "nonsense" },
    { state: "" },
    { scope: "" },
    { scope: "openid offline_access" },
    { prompt: "none" },
  ])("%p is an error page, never a redirect", async (params) => {
    const response = await client.authorize({ user: "Alice", ...params });
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  });

  test("only the origin of the redirect URI is compared, and nonce and PKCE are ignored", async () => {
    const params = { redirect_uri: "http://127.0.0.1:4000/other", nonce: "n", code_challenge: "c" };
    expect((await client.authorize({ user: "Alice", ...params })).status).toBe(302);
  });
});

describe("tokens", () => {
  test("Q2 Q8: have the shape of the real ones, kind by kind, and verify against the key set", async () => {
    const tokens = await client.signIn();
    const jwks = createLocalJWKSet(
      (await body(await client.get("/.well-known/jwks.json"))) as never,
    );
    const iat = NOW / 1000;
    const common = {
      iss: server.issuer,
      aud: [server.clientId],
      sub: expect.stringMatching(/^urn:rollupid:identity\/0x[0-9a-f]{48}$/) as string,
      iat,
    };
    const jti = expect.stringMatching(/^0x[0-9a-f]{48}$/) as string;
    for (const [token, claims] of [
      [
        tokens.id_token,
        { name: "Alice", picture: "https://pictures.example/Alice.png", exp: iat + 3600 },
      ],
      [tokens.access_token, { scope: "openid profile", jti, exp: iat + 3600 }],
      [tokens.refresh_token, { scope: "openid profile", jti }],
    ] as const) {
      expect(decodeProtectedHeader(token)).toEqual({
        alg: "ES256",
        jku: `${server.issuer}/.well-known/jwks.json`,
        kid: expect.stringMatching(/^\d{13}$/) as string,
        typ: "JWT",
      });
      const { payload } = await jwtVerify(token, jwks, { currentDate: new Date(now) });
      expect(payload).toEqual({ ...common, ...claims });
    }
  });

  test("an ID token without the profile scope has nothing but iss, aud, sub, iat and exp", async () => {
    const { id_token: token } = await client.signIn("Alice", "email");
    expect(Object.keys(decodeJwt(token)).sort()).toEqual(["aud", "exp", "iat", "iss", "sub"]);
  });

  test("one name is one subject, another name another", async () => {
    const [a, again, b] = [
      await client.signIn("A"),
      await client.signIn("A"),
      await client.signIn("B"),
    ];
    const subs = [a, again, b].map(({ id_token: token }) => decodeJwt(token).sub);
    expect(subs[0]).toBe(subs[1]);
    expect(subs[0]).not.toBe(subs[2]);
  });
});

describe("the token endpoint", () => {
  test("Q3: a refresh brings an access token and nothing else, as often as one likes", async () => {
    const { refresh_token: token } = await client.signIn();
    for (let round = 0; round < 3; round += 1) {
      const response = await client.token({ grant_type: "refresh_token", refresh_token: token });
      const answer = await body(response);
      expect(response.status).toBe(200);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(Object.keys(answer).sort()).toEqual(["access_token", "token_type"]);
    }
  });

  test("Q13: a code can be exchanged again for two minutes, and then no more", async () => {
    const location = (await client.authorize({ user: "Alice" })).headers.get("location") ?? "";
    const code = new URL(location).searchParams.get("code") ?? "";
    expect((await client.token({ code })).status).toBe(200);
    now += 120_000;
    expect((await client.token({ code })).status).toBe(200);
    now += 1;
    expect((await client.token({ code })).status).toBe(500);
  });

  test("Q9 Q10: errors are RollupErrors with the real statuses", async () => {
    const { refresh_token: token, access_token: access, id_token: id } = await client.signIn();
    const other = await startRollupId({ port: 0, redirectUris: [REDIRECT_URI], clock: () => now });
    const foreign = await createRollupIdClient(other).signIn();
    const [header = "", payload = ""] = token.split(".");
    const cases: [Record<string, string | undefined>, number, string][] = [
      [{ client_secret: "wrong", refresh_token: token }, 400, "invalid client credentials"],
      [{ client_id: "other", refresh_token: token }, 400, "invalid client credentials"],
      [{ client_secret: undefined, refresh_token: token }, 500, "data error"],
      [{ refresh_token: foreign.refresh_token }, 400, "mismatch client id"],
      [
        { refresh_token: `${header}.${payload}.${"A".repeat(86)}` },
        401,
        "token verification failed",
      ],
      [{ refresh_token: "opaque" }, 500, "unknown error"],
      [{ refresh_token: id }, 500, "unknown error"],
      [{ code: "0xunknown" }, 500, "unknown error"],
    ];
    for (const [fields, status, message] of cases) {
      const response = await client.token(fields);
      const answer = await body(response);
      expect([response.status, answer["message"]]).toEqual([status, message]);
      expect(answer).not.toHaveProperty("error");
    }
    expect((await client.token({ refresh_token: access })).status).toBe(200);
    now += 3_601_000;
    expect(await body(await client.token({ refresh_token: access }))).toMatchObject({
      message: "expired token",
    });
    await other.close();
  });

  test("Q10: JSON and Basic are not understood", async () => {
    const { issuer, clientId, clientSecret } = server;
    const { refresh_token: token } = await client.signIn();
    const json = await fetch(`${issuer}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh_token: token }),
    });
    expect(json.status).toBe(500);
    const basic = await fetch(`${issuer}/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
      },
      body: new URLSearchParams({ refresh_token: token }),
    });
    expect(basic.status).toBe(500);
  });

  test("multipart is understood, as the real one does", async () => {
    const { refresh_token: token } = await client.signIn();
    const form = new FormData();
    const fields = {
      client_id: server.clientId,
      client_secret: server.clientSecret,
      refresh_token: token,
    };
    for (const [name, value] of Object.entries(fields)) {
      form.set(name, value);
    }
    expect((await fetch(`${server.issuer}/token`, { method: "POST", body: form })).status).toBe(
      200,
    );
  });
});

describe("userinfo, discovery, signout", () => {
  test("userinfo answers GET by the scopes of the access token", async () => {
    const { access_token: token } = await client.signIn(
      "Alice",
      "profile email connected_accounts",
    );
    const answer = await body(await client.get("/userinfo", { authorization: `Bearer ${token}` }));
    expect(answer).toMatchObject({ name: "Alice", email: "alice@people.example", type: "email" });
    expect(answer["connected_accounts"]).toHaveLength(1);
    expect((await fetch(`${server.issuer}/userinfo`, { method: "POST" })).status).toBe(405);
    expect((await client.get("/userinfo", { authorization: `bearer ${token}` })).status).toBe(500);
    expect((await client.get("/userinfo")).status).toBe(401);
  });

  test("the key set has exactly alg, kid, kty, x, y and crv", async () => {
    const { keys } = (await body(await client.get("/.well-known/jwks.json"))) as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([
      ["alg", "crv", "kid", "kty", "x", "y"],
    ]);
  });

  test("Q20: discovery lacks what the real one lacks", async () => {
    const document = await body(await client.get("/.well-known/openid-configuration"));
    expect(document).toMatchObject({
      issuer: server.issuer,
      token_endpoint_auth_methods_supported: ["client_secret_post"],
    });
    expect(document).not.toHaveProperty("grant_types_supported");
    expect(document).not.toHaveProperty("revocation_endpoint");
  });

  test("unknown paths are an empty 404", async () => {
    const response = await client.get("/revoke");
    expect([response.status, await response.text()]).toEqual([404, ""]);
  });
});

describe("faults", () => {
  test("are programmed, shown, taken in order and reset", async () => {
    const { refresh_token: token } = await client.signIn();
    const programme = { token: [{ kind: "status", status: 500, count: 2 }, { kind: "html" }] };
    expect((await client.faults(programme)).status).toBe(200);
    const statuses = [];
    for (let round = 0; round < 4; round += 1) {
      statuses.push((await client.token({ refresh_token: token })).status);
    }
    expect(statuses).toEqual([500, 500, 502, 200]);
    expect(await client.ledger()).toMatchObject({ unprocessed: 3 });
    await client.faults({ down: true });
    await client.faults({ reset: true });
    expect(await body(await client.get("/faults"))).toMatchObject({ down: false, token: [] });
  });

  test.each([{ token: [{ kind: "nonsense" }] }, { unknown: 1 }, [], "x"])(
    "%j is refused",
    async (programme) => {
      expect((await client.faults(programme)).status).toBe(400);
    },
  );

  test.each(["cut_off", "oversize", "wrong_content_type", "malformed", "redirect", "wrong_sub"])(
    "%s does what it says",
    async (kind) => {
      const { refresh_token: token, id_token: id } = await client.signIn();
      await client.faults({ token: [{ kind, count: 1 }] });
      const request = async () => {
        const response = await fetch(`${server.issuer}/token`, {
          method: "POST",
          redirect: "manual",
          body: new URLSearchParams({
            client_id: server.clientId,
            client_secret: server.clientSecret,
            refresh_token: token,
          }),
        });
        return {
          status: response.status,
          type: response.headers.get("content-type"),
          text: await response.text(),
        };
      };
      if (kind === "cut_off") {
        await expect(request()).rejects.toThrow();
        return;
      }
      const { status, type, text } = await request();
      const shown: Record<string, () => boolean> = {
        oversize: () => text.length > 65_536,
        wrong_content_type: () => type === "text/html" && text.startsWith("{"),
        malformed: () =>
          status === 200 && text.startsWith('{"access_token":') && !text.endsWith("}"),
        redirect: () => status === 307,
        wrong_sub: () => {
          const { access_token: access } = JSON.parse(text) as { access_token: string };
          return decodeJwt(access).sub !== decodeJwt(id).sub;
        },
      };
      expect(shown[kind]?.()).toBe(true);
    },
  );

  test("down cuts every connection but those of the tools, and a key rollover changes the kid", async () => {
    const before = decodeProtectedHeader((await client.signIn()).id_token).kid;
    await client.faults({ keys: "rotate" });
    expect(decodeProtectedHeader((await client.signIn()).id_token).kid).not.toBe(before);
    await client.faults({ keys: "rotate_before_signing" });
    const { keys } = (await body(await client.get("/.well-known/jwks.json"))) as { keys: object[] };
    expect(keys).toHaveLength(2);
    await client.signIn();
    const later = (await body(await client.get("/.well-known/jwks.json"))) as { keys: object[] };
    expect(later.keys).toHaveLength(3);
    await client.faults({ down: true });
    await expect(client.get("/.well-known/jwks.json")).rejects.toThrow();
    expect((await client.get("/faults")).status).toBe(200);
  });

  test("the key set can be down by itself", async () => {
    await client.faults({ jwks: "down" });
    expect((await client.get("/.well-known/jwks.json")).status).toBe(503);
  });

  test("lifetimes are programmable", async () => {
    await client.faults({
      access_token_lifetime_seconds: 5,
      refresh_token_lifetime_seconds: 7_776_000,
      email_in_id_token: true,
    });
    const tokens = await client.signIn("Alice", "profile email");
    expect(decodeJwt(tokens.access_token).exp).toBe(NOW / 1000 + 5);
    expect(decodeJwt(tokens.refresh_token).exp).toBe(NOW / 1000 + 7_776_000);
    expect(decodeJwt(tokens.id_token)["email"]).toBe("alice@people.example");
  });
});

describe("rotation", () => {
  async function refresh(token: string): Promise<{ status: number; next: string }> {
    const response = await client.token({ refresh_token: token });
    return { status: response.status, next: String((await body(response))["refresh_token"]) };
  }

  test("strict: a token is good once, and its reuse revokes the family", async () => {
    await client.faults({ rotation: "strict" });
    const { refresh_token: first } = await client.signIn();
    const { next: second } = await refresh(first);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(second)).status).toBe(401);
  });

  test("grace: the predecessor is good until the time is over or its successor is used", async () => {
    await client.faults({ rotation: "grace", grace_seconds: 30 });
    const { refresh_token: first } = await client.signIn();
    const { next: second } = await refresh(first);
    expect(decodeJwt((await refresh(first)).next).jti).toBe(decodeJwt(second).jti);
    const { next: third } = await refresh(second);
    expect((await refresh(first)).status).toBe(401);
    now += 30_000;
    expect((await refresh(second)).status).toBe(401);
    expect((await refresh(third)).status).toBe(200);
  });
});

describe("the ledger", () => {
  test("S36: tells what was processed, with no token, code or secret in it", async () => {
    const { refresh_token: token } = await client.signIn();
    await client.token({ refresh_token: token });
    await client.token({ refresh_token: token });
    await client.token({ refresh_token: token, client_secret: "wrong" });
    const ledger = await client.ledger();
    expect(ledger.processed.map(({ n, grant_type, outcome }) => [n, grant_type, outcome])).toEqual([
      [1, "authorization_code", "issued"],
      [2, "refresh_token", "issued"],
      [3, "refresh_token", "issued"],
      [4, "refresh_token", "refused"],
    ]);
    expect(ledger.processed[1]?.["presented"]).toBe(ledger.processed[2]?.["presented"]);
    const text = JSON.stringify(ledger);
    for (const secret of [token, server.clientSecret, "wrong", "0x"]) {
      expect(text.replaceAll(/urn:[^"]*/g, "")).not.toContain(secret);
    }
    expect((await fetch(`${server.issuer}/ledger`, { method: "DELETE" })).status).toBe(204);
    expect((await client.ledger()).processed).toEqual([]);
  });
});

test("a restart on the same data folder keeps issuer, client, keys and people; the file is its owner's alone", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "rollup-id-"));
  const options = { port: 0, dataFolder, redirectUris: [REDIRECT_URI], clock: () => now };
  const first = await startRollupId(options);
  const before = await createRollupIdClient(first).signIn();
  await first.close();
  const second = await startRollupId(options);
  expect({ ...second, close: null }).toEqual({ ...first, close: null });
  const after = await createRollupIdClient(second).signIn();
  expect(decodeJwt(after.id_token).sub).toBe(decodeJwt(before.id_token).sub);
  const refreshed = await createRollupIdClient(second).token({
    refresh_token: before.refresh_token,
  });
  expect(refreshed.status).toBe(200);
  expect(statSync(join(dataFolder, "rollup-id.json")).mode & 0o077).toBe(0);
  await second.close();
  rmSync(dataFolder, { recursive: true });
});
