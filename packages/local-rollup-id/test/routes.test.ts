import { request } from "node:http";
import { jsonOf } from "./rollup-id-client";
import { useRollupId } from "./world";

const { server, client } = useRollupId();

/** `fetch` does not let one choose the Host header. */
async function statusFor(path: string, host: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const { port } = server();
    const sent = request({ host: "127.0.0.1", port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
}

test("Q6: the key set has exactly alg, kid, kty, x, y and crv, and no private part", async () => {
  const response = await client().get("/.well-known/jwks.json");
  const { keys } = (await response.json()) as { keys: object[] };
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([
    ["alg", "crv", "kid", "kty", "x", "y"],
  ]);
  expect(response.headers.get("cache-control")).toBeNull();
});

test("Q20: discovery says what the real one says, and leaves out what it leaves out", async () => {
  const { issuer } = server();
  const es256 = ["ES256"];
  expect(await jsonOf(await client().get("/.well-known/openid-configuration"))).toEqual({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post"],
    token_endpoint_auth_signing_alg_values_supported: es256,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: ["openid", "profile", "email"],
    response_types_supported: ["code"],
    subject_types_supported: ["public", "pairwise"],
    userinfo_signing_alg_values_supported: es256,
    id_token_signing_alg_values_supported: es256,
    request_object_signing_alg_values_supported: es256,
    claims_supported: ["sub", "iss"],
    service_documentation: "https://docs.rollup.id",
  });
});

test.each([
  [undefined, "/"],
  ["https://app.example/bye?a=b", "https://app.example/bye?a=b"],
  ["/bye", "/bye"],
  ["http://app.example/\r\nset-cookie: a=b", "http://app.example/set-cookie:%20a=b"],
  ["http://[", "/"],
])("signout leads %p to %s", async (redirectUri, expected) => {
  const query = new URLSearchParams();
  if (redirectUri !== undefined) {
    query.set("redirect_uri", redirectUri);
  }
  const path = `/signout?${query.toString()}`;
  const response = await client().get(path);
  expect(response.status).toBe(302);
  const url = new URL(expected, server().issuer).href;
  expect(response.headers.get("location")).toBe(url);
  expect(response.headers.get("set-cookie")).toBeNull();
});

test.each(["/", "/revoke", "/introspect", "/jwks", "/token/", "//", "/__proto__", "/constructor"])(
  "Q14: %s is an empty 404; there is no revocation endpoint",
  async (path) => {
    const response = await client().get(path);
    expect([response.status, await response.text()]).toEqual([404, ""]);
  },
);

test("a host that it does not know is a 404, so no page in the web can reach it by a name of its own", async () => {
  const { port } = server();
  expect(await statusFor("/faults", "rebound.example")).toBe(404);
  expect(await statusFor("/faults", `rebound.example:${String(port)}`)).toBe(404);
  expect(await statusFor("/faults", `127.0.0.1:${String(port)}`)).toBe(200);
});

test("a known path by a wrong method is a 405; HEAD is a GET without a body", async () => {
  const { issuer } = server();
  const url = `${issuer}/.well-known/jwks.json`;
  expect((await fetch(url, { method: "DELETE" })).status).toBe(405);
  const head = await fetch(url, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});
