import type { ObservedRequest } from "../src/observe";
import { startRollupId } from "../src/start";
import { REDIRECT_URI } from "./rollup-id-client";
import { useRollupId } from "./world";

const { client } = useRollupId([REDIRECT_URI, "app.example:/callback"]);

const PAGE = new URL(REDIRECT_URI).origin;

const allowed = async (path: string, origin: string) =>
  (await client().get(path, { origin })).headers.get("access-control-allow-origin");

test.each(["/userinfo", "/faults", "/ledger"])("the app's own pages may read %s", async (path) => {
  expect(await allowed(path, PAGE)).toBe(PAGE);
});

test.each(["https://evil.example", "null", "http://127.0.0.1:4001", "app.example:"])(
  "a page of %s may not",
  async (origin) => {
    expect(await allowed("/userinfo", origin)).toBeNull();
  },
);

test.each(["/token", "/authorize", "/.well-known/jwks.json"])(
  "%s is no business of a page",
  async (path) => {
    expect(await allowed(path, PAGE)).toBeNull();
  },
);

test("requests are told as they come and end, without query; testers' tools are not", async () => {
  const seen: ObservedRequest[] = [];
  const server = await startRollupId({
    port: 0,
    redirectUris: [REDIRECT_URI],
    onRequest: (request) => seen.push(request),
  });
  await fetch(`${server.issuer}/authorize?state=secret`);
  await fetch(`${server.issuer}/ledger`);
  await fetch(`${server.issuer}/faults`, { method: "POST", body: '{"down":true}' });
  await expect(fetch(`${server.issuer}/userinfo`)).rejects.toThrow("fetch failed");
  await server.close();
  expect(seen).toMatchObject([
    { method: "GET", path: "/authorize", status: 400 },
    { method: "GET", path: "/userinfo", status: null },
  ]);
});
