import { decodeJwt } from "jose";
import { fingerprint } from "../src/fingerprint";
import { jsonOf } from "./rollup-id-client";
import { NOW, useRollupId } from "./world";

const { server, client } = useRollupId();

const AT = new Date(NOW).toISOString();

test("S36: tells each request that was processed: whose, by which token, and what came of it", async () => {
  await client().faults({ rotation: "strict" });
  const { refresh_token: first } = await client().signIn();
  const { refresh_token: second } = await jsonOf(await client().token({ refresh_token: first }));
  await client().token({ refresh_token: first });
  const { clientId } = server();
  const { sub } = decodeJwt(first);
  const { processed } = await client().ledger();
  const family = String(processed[0]?.["family"]);
  const [one, two] = [fingerprint(first), fingerprint(String(second))];
  const usual = { at: AT, client_id: clientId, sub, family, generation: 0 };
  const spent = { ...usual, grant_type: "refresh_token", presented: one };
  const issued = { outcome: "issued", status: 200 };
  expect(family).toMatch(/^[0-9a-f]{24}$/);
  expect(processed).toEqual([
    { n: 1, ...usual, grant_type: "authorization_code", ...issued, presented: null, issued: one },
    { n: 2, ...spent, ...issued, issued: two },
    { n: 3, ...spent, outcome: "refused", status: 401, issued: null },
  ]);
});

test("tells generation by generation", async () => {
  await client().faults({ rotation: "strict" });
  let { refresh_token: token } = await client().signIn();
  for (let round = 0; round < 3; round += 1) {
    const answer = await jsonOf(await client().token({ refresh_token: token }));
    token = String(answer["refresh_token"]);
  }
  const { processed } = await client().ledger();
  expect(processed.map(({ generation }) => generation)).toEqual([0, 0, 1, 2]);
  expect(new Set(processed.map(({ family }) => family)).size).toBe(1);
});

test("tells what was refused without believing what was sent", async () => {
  const { access_token: access } = await client().signIn();
  await client().token({ client_id: "a secret sent by mistake", refresh_token: "opaque" });
  await client().token({ refresh_token: access });
  const unknown = { family: null, generation: null };
  expect((await client().ledger()).processed.slice(1)).toMatchObject([
    { client_id: null, sub: null, outcome: "refused", status: 400, ...unknown },
    { sub: decodeJwt(access).sub, outcome: "issued", status: 200, ...unknown },
  ]);
});

test("tells apart what came and was not processed, and why", async () => {
  const { refresh_token: token } = await client().signIn();
  await client().faults({ token: [{ kind: "html" }] });
  await client().token({ refresh_token: token });
  await fetch(`${server().issuer}/token`, { method: "POST", body: "{}" });
  const { unprocessed, not_processed: list, processed } = await client().ledger();
  expect(processed).toHaveLength(1);
  expect(unprocessed).toBe(2);
  expect(list).toEqual([
    { at: AT, grant_type: "refresh_token", client_id: server().clientId, fault: "html" },
    { at: AT, grant_type: "authorization_code", client_id: null, fault: "not_a_form" },
  ]);
});

test("has no token, code, secret or key in it", async () => {
  await client().faults({ rotation: "strict" });
  const { clientSecret } = server();
  const code = await client().code();
  const tokens = await jsonOf(await client().token({ code }));
  const token = String(tokens["refresh_token"]);
  const next = await jsonOf(await client().token({ refresh_token: token }));
  await client().token({ refresh_token: token, client_secret: "canary-secret" });
  await client().token({ code: "canary-code", client_id: "canary-id" });
  await client().token({ refresh_token: "canary-token" });
  await client().faults({ token: [{ kind: "html" }] });
  await client().token({ refresh_token: "canary-lost" });
  const text = JSON.stringify(await client().ledger("?live=1"));
  const signatures = [...Object.values(tokens), ...Object.values(next)]
    .filter((value): value is string => typeof value === "string" && value.includes("."))
    .map((value) => value.split(".")[2]!);
  const ids = [token, String(next["refresh_token"])].map((value) => decodeJwt(value).jti!);
  expect(signatures).toHaveLength(5);
  for (const secret of [clientSecret, code, "canary", ...signatures, ...ids]) {
    expect(text).not.toContain(secret);
  }
});

test("is empty after DELETE; the numbers go on", async () => {
  await client().signIn();
  expect((await fetch(`${server().issuer}/ledger`, { method: "DELETE" })).status).toBe(204);
  expect(await client().ledger()).toEqual({ processed: [], unprocessed: 0, not_processed: [] });
  await client().signIn();
  expect((await client().ledger()).processed.map(({ n }) => n)).toEqual([2]);
});

test("tells of one subject alone when asked so", async () => {
  const { refresh_token: token } = await client().signIn("Ada");
  await client().signIn("Grace");
  const { sub = "" } = decodeJwt(token);
  const about = `/ledger?live=1&sub=${encodeURIComponent(sub)}`;
  const page = await jsonOf(await client().get(about));
  expect(page).toMatchObject({ processed: [{ sub }], live: [{ sub }] });
});
