/** The provider as a process, by what an app sees of it. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObservedRequest } from "@rollup-vault/local-rollup-id/observe";
import type { Habits } from "../src/habits";
import type { LocalOidcOptions } from "../src/start";
import { type OidcClient, PLAIN, startClient } from "./world";

const open: OidcClient[] = [];

async function start(habits: Partial<Habits> = {}, options?: Partial<LocalOidcOptions>) {
  const client = await startClient({ ...PLAIN, ...habits }, options);
  open.push(client);
  return client;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()));
});

test("a code with PKCE and nonce becomes tokens, and userinfo knows the person", async () => {
  const client = await start();
  const { status, body } = await client.signIn("Ada Lovelace");
  expect([status, body]).toEqual([
    200,
    {
      access_token: expect.not.stringContaining("."),
      expires_in: 600,
      id_token: expect.any(String),
      refresh_token: expect.any(String),
      scope: "openid profile offline_access",
      token_type: "Bearer",
    },
  ]);
  const { clientId, issuer } = client.server;
  const idToken = await client.verified(body["id_token"]);
  expect(idToken).toMatchObject({
    alg: "RS256",
    iss: issuer,
    aud: clientId,
    nonce: "n",
    sub: expect.stringMatching(/^[0-9a-f]{32}$/),
    name: "Ada Lovelace",
  });
  expect(Number(idToken["exp"]) - Number(idToken["iat"])).toBe(3_600);
  const info = await client.userinfo(body["access_token"]);
  expect(info.body).toMatchObject({ sub: idToken["sub"], name: "Ada Lovelace" });
});

test("a wrong verifier and a spent code are refused", async () => {
  const client = await start();
  const wrong = await client.signIn("Ada", { code_challenge: "A".repeat(43) });
  expect([wrong.status, wrong.body["error"]]).toEqual([400, "invalid_grant"]);
});

test("the same name is the same person, another name is another one, each sign-in asks", async () => {
  const client = await start({ subject: "auth0|{id}" });
  const subOf = async (name: string) =>
    (await client.verified((await client.signIn(name)).body["id_token"]))["sub"];
  const ada = await subOf("Ada");
  expect(ada).toMatch(/^auth0\|[0-9a-f]{32}$/);
  expect([await subOf("Ada"), await subOf("Grace")]).toEqual([ada, expect.not.stringMatching("x")]);
  expect(await subOf("Grace")).not.toBe(ada);
});

test("a name that is taken off the list is not offered, and is the same person when typed", async () => {
  const client = await start();
  const subOf = async () =>
    (await client.verified((await client.signIn("Ada")).body["id_token"]))["sub"];
  const before = await subOf();
  const page = await client.signInPage();
  expect(await page("")).toContain('name="user" value="Ada"');
  expect(await page("?remove=Ada")).not.toContain("Ada");
  expect(await page("")).not.toContain("Ada");
  expect(await subOf()).toBe(before);
});

test("strict: a spent refresh token ends the family, in the words of the one that is played", async () => {
  const body = { error: "invalid_grant", error_description: "Unknown or invalid refresh token." };
  const client = await start({ deadGrant: { status: 403, body } });
  const first = (await client.signIn("Ada")).body["refresh_token"];
  const second = (await client.refresh(first)).body["refresh_token"];
  expect(second).not.toBe(first);
  expect(await client.refresh(first)).toEqual({ status: 403, body });
  expect(await client.refresh(second)).toEqual({ status: 403, body });
});

test("grace: a spent refresh token is good for a while", async () => {
  const client = await start({ refreshToken: { rotation: "grace", graceSeconds: 60 } });
  const first = (await client.signIn("Ada")).body["refresh_token"];
  const second = (await client.refresh(first)).body["refresh_token"];
  const again = await client.refresh(first);
  expect([again.status, (await client.refresh(second)).status]).toEqual([200, 200]);
  expect(again.body["refresh_token"]).not.toBe(first);
});

test("none: a refresh returns the same refresh token", async () => {
  const client = await start({ refreshToken: { rotation: "none" } });
  const first = (await client.signIn("Ada")).body["refresh_token"];
  const again = await client.refresh(first);
  expect([again.status, again.body["refresh_token"]]).toEqual([200, first]);
});

test("without its scope, or its parameter, there is no refresh token", async () => {
  const byScope = await start({ refreshToken: { rotation: "none", scope: "offline_access" } });
  const withoutScope = await byScope.signIn("Ada", { scope: "openid" });
  expect(withoutScope.body).not.toHaveProperty("refresh_token");
  expect((await byScope.signIn("Ada")).body).toHaveProperty("refresh_token");

  const parameters = { access_type: "offline" };
  const byParameter = await start({ refreshToken: { rotation: "none", parameters } });
  expect((await byParameter.signIn("Ada")).body).not.toHaveProperty("refresh_token");
  expect((await byParameter.signIn("Ada", parameters)).body).toHaveProperty("refresh_token");
});

test("claims, audiences, paths and JWT access tokens are those of the habits", async () => {
  const client = await start({
    issuerPath: "/realms/main",
    authorization: "/realms/main/auth",
    token: "/realms/main/token",
    clientAuthentication: "client_secret_post",
    idToken: {
      alg: "ES256",
      lifetimeSeconds: 36_000,
      backdatedSeconds: 300,
      atHash: true,
      claims: { aud: ["{clientId}", "project"], azp: "{clientId}", preferred_username: "{email}" },
    },
    accessToken: {
      format: "jwt",
      lifetimeSeconds: 300,
      claims: { sub: "{email}", iss: "https://sts.example/", ver: 1 },
    },
    refreshBrings: { idToken: false, scope: false },
  });
  const { issuer, origin, clientId } = client.server;
  expect(issuer).toBe(`${origin}/realms/main`);
  const found = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  expect(found).toMatchObject({
    issuer,
    authorization_endpoint: `${origin}/realms/main/auth`,
    token_endpoint: `${origin}/realms/main/token`,
    jwks_uri: `${origin}/jwks`,
    token_endpoint_auth_methods_supported: ["client_secret_post"],
    id_token_signing_alg_values_supported: ["ES256"],
  });
  const { body } = await client.signIn("Ada Lovelace");
  const idToken = await client.verified(body["id_token"]);
  const email = "ada.lovelace@people.example";
  expect(idToken).toMatchObject({
    aud: [clientId, "project"],
    azp: clientId,
    preferred_username: email,
    nbf: idToken["iat"],
    at_hash: createHash("sha256")
      .update(String(body["access_token"]))
      .digest()
      .subarray(0, 16)
      .toString("base64url"),
  });
  expect(Date.now() / 1000 - Number(idToken["iat"])).toBeGreaterThanOrEqual(300);
  expect(Number(idToken["exp"]) - Number(idToken["iat"])).toBe(36_000);
  expect(await client.verified(body["access_token"])).toMatchObject({
    typ: "at+jwt",
    iss: "https://sts.example/",
    sub: email,
    ver: 1,
  });
  const info = await client.userinfo(body["access_token"]);
  expect([info.status, info.body["sub"]]).toEqual([200, idToken["sub"]]);
  const refreshed = await client.refresh(body["refresh_token"]);
  expect(Object.keys(refreshed.body).toSorted()).toEqual([
    "access_token",
    "expires_in",
    "refresh_token",
    "token_type",
  ]);
});

test("a public client needs PKCE and no secret", async () => {
  const client = await start({ clientAuthentication: "none" });
  expect(client.server.clientSecret).toBe("");
  expect((await client.authorize({ user: "Ada" })).get("error")).toBe("invalid_request");
  expect((await client.signIn("Ada")).status).toBe(200);
});

test("a person can say no; a sign-in without a person shows the page to pick one", async () => {
  const client = await start();
  await client.signIn("<b>Grace</b>");
  const query = new URLSearchParams({
    client_id: client.server.clientId,
    redirect_uri: "http://127.0.0.1:4000/callback",
    response_type: "code",
    scope: "openid profile",
  });
  const asked = await fetch(`${client.server.origin}/authorize?${query.toString()}`, {
    redirect: "manual",
  });
  const page = new URL(asked.headers.get("location") ?? "", client.server.origin).href;
  const cookie = asked.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const html = await (await fetch(page, { headers: { cookie } })).text();
  expect(html).toContain("Sign in with Some provider");
  expect(html).toContain("<li>your name</li>");
  expect(html).not.toContain("<b>Grace");
  const no = await fetch(`${page}?decision=deny`, { headers: { cookie }, redirect: "manual" });
  expect(no.status).toBe(303);
  const elsewhere = await fetch(page);
  expect([elsewhere.status, await elsewhere.text()]).toEqual([
    400,
    expect.stringContaining("began in another browser"),
  ]);
});

test("revocation by the app, and of everything at the provider, end a grant", async () => {
  const client = await start();
  const first = (await client.signIn("Ada")).body["refresh_token"];
  const { origin, clientId, clientSecret } = client.server;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const revoked = await fetch(`${origin}/revoke`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ token: String(first) }),
  });
  expect([revoked.status, (await client.refresh(first)).status]).toEqual([200, 400]);

  const second = (await client.signIn("Ada")).body["refresh_token"];
  await client.faults({ revoke: "all" });
  expect((await client.refresh(second)).body).toEqual({ error: "invalid_grant" });
});

test("faults: an error, an answer that is lost after the rotation, down and back", async () => {
  const client = await start();
  const first = (await client.signIn("Ada")).body["refresh_token"];
  await client.faults({ token: [{ kind: "status", status: 503 }] });
  expect((await client.refresh(first)).status).toBe(503);
  await client.faults({ down: true });
  await expect(client.refresh(first)).rejects.toThrow("fetch failed");
  await client.faults({ down: false, access_token_lifetime_seconds: 20 });
  const second = await client.refresh(first);
  expect([second.status, second.body["expires_in"]]).toEqual([200, 20]);

  await client.faults({ reset: true, token: [{ kind: "no_answer" }] });
  await expect(client.refresh(second.body["refresh_token"])).rejects.toThrow("fetch failed");
  // It was rotated nevertheless.
  expect((await client.refresh(second.body["refresh_token"])).status).toBe(400);
});

test("a data folder keeps issuer, client, people and grants over a restart", async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), "local-oidc-"));
  const before = await start({}, { dataFolder });
  const { body } = await before.signIn("Ada");
  const { sub } = await before.verified(body["id_token"]);
  await before.server.close();
  const after = await start({}, { dataFolder });
  expect({ ...after.server, close: 0 }).toEqual({ ...before.server, close: 0 });
  const refreshed = await after.refresh(body["refresh_token"]);
  expect((await after.verified(refreshed.body["id_token"]))["sub"]).toBe(sub);
  await rm(dataFolder, { recursive: true });
});

test("a port that is taken is an error with the system's code", async () => {
  const { server } = await start();
  const { port } = new URL(server.origin);
  await expect(start({}, { port: Number(port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("requests are observed: method, path and status, never a query", async () => {
  const seen: ObservedRequest[] = [];
  const client = await start({}, { onRequest: (request) => seen.push(request) });
  await client.signIn("Ada");
  await client.faults({ down: false });
  // Told by another process.
  while (seen.at(-1)?.status === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const last = seen.at(-1);
  expect(last).toMatchObject({ method: "POST", path: "/token", status: 200 });
  expect(JSON.stringify(seen)).not.toMatch(/\?|code=|faults/);
});
