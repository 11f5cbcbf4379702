import { decodeJwt } from "jose";
import { jsonOf } from "./rollup-id-client";
import { useRollupId } from "./world";

const { server, client, advance } = useRollupId();

const ask = async (authorization: string) => await client().get("/userinfo", { authorization });

test("Q11: answers by the scopes of the access token, and always the subject", async () => {
  const email = "alice@people.example";
  const expected: Record<string, object> = {
    openid: {},
    profile: { name: "Alice", picture: "https://pictures.example/Alice.png" },
    email: { email, type: "email" },
    connected_accounts: { connected_accounts: [{ type: "email", identifier: email }] },
    erc_4337: { erc_4337: [] },
  };
  for (const [scope, claims] of Object.entries(expected)) {
    const { access_token: token } = await client().signIn("Alice", scope);
    const answer = await jsonOf(await ask(`Bearer ${token}`));
    expect(answer).toEqual({ sub: decodeJwt(token).sub, ...claims });
  }
});

test("is GET, although the documentation says otherwise", async () => {
  expect((await fetch(`${server().issuer}/userinfo`, { method: "POST" })).status).toBe(405);
});

test("no header is 401; a header of another form is a 500, and the scheme is compared by case", async () => {
  const { access_token: token } = await client().signIn();
  expect(await jsonOf(await client().get("/userinfo"))).toMatchObject({
    code: "UNAUTHORIZED",
    message: "No access token provided",
  });
  for (const header of [`bearer ${token}`, `Bearer ${token} x`, token, `Basic ${token}`]) {
    expect((await ask(header)).status).toBe(500);
  }
});

test("a token that is spoilt or past its time is 401", async () => {
  const { access_token: token } = await client().signIn();
  const [header = "", payload = ""] = token.split(".");
  const spoilt = await ask(`Bearer ${header}.${payload}.${"A".repeat(86)}`);
  expect([spoilt.status, (await jsonOf(spoilt))["message"]]).toEqual([
    401,
    "token verification failed",
  ]);
  advance(3_600_000);
  const late = await ask(`Bearer ${token}`);
  expect([late.status, (await jsonOf(late))["message"]]).toEqual([401, "expired token"]);
});

test("Q7: a token is good only at the host that issued it", async () => {
  const { access_token: token } = await client().signIn();
  const url = `http://localhost:${String(server().port)}/userinfo`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  expect([response.status, (await jsonOf(response))["message"]]).toEqual([
    401,
    "token claim validation failed",
  ]);
});

test("Q5: a refresh token passes, for nothing tells it apart", async () => {
  const { refresh_token: token } = await client().signIn();
  expect((await ask(`Bearer ${token}`)).status).toBe(200);
});
