import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { jsonOf, type Tokens } from "./rollup-id-client";
import { NOW, useRollupId } from "./world";

const { server, client, verify } = useRollupId();

const IAT = NOW / 1000;
const JTI = expect.stringMatching(/^0x[0-9a-f]{48}$/) as string;
const SUB = expect.stringMatching(/^urn:rollupid:identity\/0x[0-9a-f]{48}$/) as string;

const kinds = ({ id_token, access_token, refresh_token }: Tokens) => [
  id_token,
  access_token,
  refresh_token,
];

test("Q2 Q8: three kinds of one shape, which verify against the key set as served", async () => {
  const tokens = await client().signIn();
  const common = { iss: server().issuer, aud: [server().clientId], sub: SUB, iat: IAT };
  const person = { name: "Alice", picture: "https://pictures.example/Alice.png" };
  const grant = { scope: "openid profile", jti: JTI };
  const claims = await Promise.all(
    kinds(tokens).map(async (token) => (await verify(token)).payload),
  );
  expect(claims).toEqual([
    { ...common, ...person, exp: IAT + 3600 },
    { ...common, ...grant, exp: IAT + 3600 },
    { ...common, ...grant },
  ]);
  expect(new Set(claims.map(({ sub }) => sub)).size).toBe(1);
});

test("the header is the same for every kind: typ JWT, jku, and a kid of milliseconds", async () => {
  for (const token of kinds(await client().signIn())) {
    expect(decodeProtectedHeader(token)).toEqual({
      alg: "ES256",
      jku: `${server().issuer}/.well-known/jwks.json`,
      kid: String(NOW),
      typ: "JWT",
    });
  }
});

test("Q4: a refresh token has no exp, as in the code, or one of 90 days, as in the documentation", async () => {
  expect(decodeJwt((await client().signIn()).refresh_token)).not.toHaveProperty("exp");
  await client().faults({ refresh_token_lifetime_seconds: 7_776_000 });
  expect(decodeJwt((await client().signIn()).refresh_token).exp).toBe(IAT + 7_776_000);
});

test("Q5: to a verifier that does not ask for exp, a refresh token is as good as an ID token", async () => {
  const { issuer, clientId: audience } = server();
  const { refresh_token: token } = await client().signIn();
  const jwks = await jsonOf(await client().get("/.well-known/jwks.json"));
  const muchLater = new Date(NOW + 10 * 365 * 86_400_000);
  const options = { issuer, audience, algorithms: ["ES256"], currentDate: muchLater };
  await expect(jwtVerify(token, createLocalJWKSet(jwks as never), options)).resolves.toBeDefined();
});

test("Q6: the signature is 64 bytes, r and s, and no DER", async () => {
  for (const token of kinds(await client().signIn())) {
    expect(Buffer.from(token.split(".")[2] ?? "", "base64url")).toHaveLength(64);
  }
});

test("Q7: the issuer has no slash at its end, and is the origin that the token request was sent to", async () => {
  const { port, clientId, clientSecret } = server();
  const custom = `http://localhost:${String(port)}`;
  const fields = { client_id: clientId, client_secret: clientSecret, code: await client().code() };
  const body = new URLSearchParams(fields);
  const answer = await jsonOf(await fetch(`${custom}/token`, { method: "POST", body }));
  const token = String(answer["access_token"]);
  expect(decodeJwt(token).iss).toBe(custom);
  expect(decodeProtectedHeader(token)["jku"]).toBe(`${custom}/.well-known/jwks.json`);
  expect(server().issuer).toBe(`http://127.0.0.1:${String(port)}`);
});

test("Q11: the e-mail is not in the ID token, unless an earlier build is imitated", async () => {
  const signIn = async () => decodeJwt((await client().signIn("Alice", "openid email")).id_token);
  expect(Object.keys(await signIn()).sort()).toEqual(["aud", "exp", "iat", "iss", "sub"]);
  await client().faults({ email_in_id_token: true });
  expect((await signIn())["email"]).toBe("alice@people.example");
});

test("Q12: there is no email_verified, nonce, azp, nbf or other claim to lean on", async () => {
  await client().faults({ email_in_id_token: true });
  const { id_token: token } = await client().signIn("Alice", "openid profile email");
  expect(Object.keys(decodeJwt(token)).sort()).toEqual(
    ["aud", "email", "exp", "iat", "iss", "name", "picture", "sub"].sort(),
  );
});

test("an ID token comes without openid too", async () => {
  expect((await client().signIn("Alice", "profile")).id_token).toBeDefined();
});

test("Q15: one name is one subject for ever, another name another", async () => {
  const subs: unknown[] = [];
  for (const name of ["A", "A", "a", "constructor", "__proto__", "__proto__", "toString"]) {
    subs.push(decodeJwt((await client().signIn(name)).id_token).sub);
  }
  const [a, again, ...others] = subs;
  expect(subs).toEqual(subs.map(() => SUB));
  expect(a).toBe(again);
  expect(new Set(subs).size).toBe(5);
  expect(others[2]).toBe(others[3]);
});

test("Q16: scope is one string, and a pseudo-scope may leak into it", async () => {
  await client().faults({ system_identifiers: true });
  const { access_token: access, refresh_token: refresh } = await client().signIn("A", "profile");
  for (const token of [access, refresh]) {
    expect(decodeJwt(token)["scope"]).toBe("profile system_identifiers");
  }
});

test("Q17: iat is in whole seconds", async () => {
  for (const token of kinds(await client().signIn())) {
    expect(decodeJwt(token).iat).toBe(Math.floor(NOW / 1000));
  }
});
