/** A stage with cookie transport, on a stack of its own. */
import { members, operationsOf, readContract } from "@rollup-vault/api-contract/check/document";
import { startWorld, type World } from "./world";

jest.setTimeout(120_000);

let world: World;

beforeAll(async () => {
  world = await startWorld({ sessions: { transport: "cookie" } });
});

afterAll(async () => {
  expect(await world.leaks()).toMatchObject({ logLines: 0, bodies: 0, tables: 0 });
  await world.close();
});

const ours = () => ["origin", new URL(world.stack.outputs.apiUrl).origin, "x-rollup-vault", "1"];

async function send(
  method: string,
  path: string,
  options: { cookie?: string; json?: unknown; headers?: readonly string[]; bearer?: string } = {},
) {
  const { cookie, headers = ours(), ...rest } = options;
  const sent = [...headers, ...(cookie === undefined ? [] : ["cookie", cookie])];
  return await world.call({ method, path, headers: sent, ...rest });
}

async function signIn(name: string, cookie?: string) {
  const { redirectUri: redirect_uri } = world.stack.outputs;
  const json = { code: await world.authorize(name), redirect_uri };
  const answer = await send("POST", "/sessions", { json, ...(cookie && { cookie }) });
  const [set = ""] = [answer.headers["set-cookie"] ?? ""].flat();
  return { answer, set, cookie: set.split(";")[0] ?? "" };
}

test("signing in by code sets the cookie and shows the token nowhere else", async () => {
  const { answer, set } = await signIn("Cookie");
  expect([answer.status, answer.body.session.token]).toEqual([201, null]);
  expect(set).toMatch(
    /^__Host-session=rvs_[\w-]{49}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=7776000$/,
  );
  expect(answer.text).not.toContain("rvs_");
});

test("the cookie is all that a page of the stage needs", async () => {
  const { cookie } = await signIn("Cookie Page");
  expect((await send("GET", "/me", { cookie, headers: [] })).body.claims.name).toBe("Cookie Page");
  expect((await send("PATCH", "/me", { cookie, json: { attributes: { a: 1 } } })).status).toBe(200);
  expect((await send("POST", "/me/access-token", { cookie })).status).toBe(200);
});

test("a page of another site changes nothing, and signs nobody in", async () => {
  const { cookie } = await signIn("Cookie Victim");
  for (const headers of [[], ["origin", "https://evil.example"], ["x-rollup-vault", "1"]]) {
    for (const [method, path] of [
      ["POST", "/me/access-token"],
      ["DELETE", "/me"],
      ["DELETE", "/sessions"],
      ["DELETE", "/me/refresh-token"],
    ] as const) {
      const { status, body } = await send(method, path, { cookie, headers });
      expect([status, body.code, body.action]).toEqual([403, "access_denied", "fix_request"]);
    }
    const { redirectUri: redirect_uri } = world.stack.outputs;
    const json = { code: await world.authorize("Cookie Attacker"), redirect_uri };
    const signedIn = await send("POST", "/sessions", { json, headers });
    expect([signedIn.status, signedIn.headers["set-cookie"]]).toEqual([403, undefined]);
  }
  expect((await send("GET", "/me", { cookie })).status).toBe(200);
});

test.each(
  operationsOf(readContract()).filter(
    ({ path, operation }) =>
      "403" in members(operation["responses"]) && path !== "/service/access-token",
  ),
)("$method $path by cookie alone is refused, as documented", async ({ method, path }) => {
  const { cookie } = await signIn("Cookie Alone");
  const id = "0b6a2f1e-4c57-4a39-9c63-2d1e5f7a8b90";
  const isRead = method.toUpperCase() === "GET";
  const target = `${path.replace("{id}", id)}${isRead ? "?fresh=true" : ""}`;
  const { status } = await send(method, target, { cookie, headers: [] });
  expect(status).toBe(403);
});

test("F14: a page of another site makes no request to the provider either, and one of the stage does", async () => {
  const { cookie } = await signIn("Cookie Fresh");
  const [, origin = ""] = ours();
  const header = ["x-rollup-vault", "1"];
  const foreign = [
    [],
    ["origin", origin],
    [...header, "origin", "https://evil.example"],
    [...header, "sec-fetch-site", "cross-site"],
  ];
  world.takeAwsCalls();
  for (const headers of foreign) {
    const { status, body } = await send("GET", "/me?fresh=true", { cookie, headers });
    expect([status, body.code, body.action]).toEqual([403, "access_denied", "fix_request"]);
  }
  expect(world.takeAwsCalls()).toEqual({});
  for (const headers of [ours(), header, [...header, "sec-fetch-site", "same-origin"]]) {
    const { status, body } = await send("GET", "/me?fresh=true", { cookie, headers });
    expect([status, body.fresh.status]).toEqual([200, "ok"]);
  }
  expect((await send("GET", "/me", { cookie, headers: [] })).status).toBe(200);
});

test("the session is no bearer here, and an ID token still is", async () => {
  const { cookie } = await signIn("Cookie Bearer");
  const token = cookie.slice(cookie.indexOf("=") + 1);
  expect((await send("GET", "/me", { bearer: token })).status).toBe(401);
  expect((await send("GET", "/me", { bearer: token, cookie })).status).toBe(401);
  const { idToken } = await world.signIn("Cookie Bearer");
  expect((await send("GET", "/me", { bearer: idToken, headers: [] })).status).toBe(200);
});

test("signing out clears the cookie, and the old one is worth nothing afterwards", async () => {
  const { cookie } = await signIn("Cookie Out");
  const out = await send("DELETE", "/sessions/current", { cookie });
  expect([out.status, out.headers["set-cookie"]]).toEqual([
    204,
    ["__Host-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"],
  ]);
  expect((await send("GET", "/me", { cookie })).status).toBe(401);
});

test("session fixation: a cookie that somebody planted is never taken on, and ends with the sign-in", async () => {
  const planted = await signIn("Cookie Planter");
  const made = "__Host-session=rvs_000000000000000000000000000000000000000000000000A";
  for (const cookie of [planted.cookie, made]) {
    const victim = await signIn("Cookie Fixed", cookie);
    expect(victim.cookie).not.toBe(cookie);
    expect((await send("GET", "/me", { cookie })).status).toBe(401);
    expect((await send("GET", "/me", { cookie: victim.cookie })).body.claims.name).toBe(
      "Cookie Fixed",
    );
  }
});

test("erasing clears the cookie, too", async () => {
  const { cookie } = await signIn("Cookie Erased");
  const { status, headers } = await send("DELETE", "/me", { cookie });
  expect([status, String(headers["set-cookie"])]).toEqual([
    200,
    expect.stringContaining("__Host-session=; "),
  ]);
  expect((await send("GET", "/me", { cookie })).status).toBe(401);
});

test("S31: a preflight from a page of the stage may send the cookie and the header, another one nothing", async () => {
  const preflight = async (origin: string) => {
    const headers = ["origin", origin, "access-control-request-method", "POST"];
    return (await send("OPTIONS", "/sessions", { headers })).headers;
  };
  expect(await preflight(new URL(world.stack.outputs.apiUrl).origin)).toMatchObject({
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "authorization,content-type,if-match,x-rollup-vault",
  });
  expect(await preflight("https://evil.example")).not.toHaveProperty("access-control-allow-origin");
});
