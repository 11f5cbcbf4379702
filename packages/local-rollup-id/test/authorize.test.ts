import { REDIRECT_URI } from "./rollup-id-client";
import { useRollupId } from "./world";

const { client, advance } = useRollupId([REDIRECT_URI, "app.example:/callback"]);

const locationOf = (response: Response) => new URL(response.headers.get("location") ?? "");

test("&user=NAME redirects at once with a code of 24 random bytes, and the state as it was", async () => {
  const response = await client().authorize({ user: "Alice", state: "a b&c=ü" });
  const location = locationOf(response);
  expect(response.status).toBe(302);
  expect(location.origin + location.pathname).toBe(REDIRECT_URI);
  expect(Object.fromEntries(location.searchParams)).toEqual({
    code: expect.stringMatching(/^0x[0-9a-f]{48}$/) as string,
    state: "a b&c=ü",
  });
});

test("every sign-in has a code of its own", async () => {
  expect(await client().code()).not.toBe(await client().code());
});

test("the redirect URI keeps its own query", async () => {
  const params = { user: "Alice", redirect_uri: `${REDIRECT_URI}?tenant=a%26b` };
  const location = locationOf(await client().authorize(params));
  expect(location.searchParams.get("tenant")).toBe("a&b");
});

test("without a user it is a page, and prompt=consent is too", async () => {
  const requests: Record<string, string>[] = [{}, { prompt: "consent" }, { user: "  " }];
  for (const params of requests) {
    const response = await client().authorize(params);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
  }
});

test("deny comes back as access_denied with the state, and without a code", async () => {
  const location = locationOf(await client().authorize({ decision: "deny" }));
  const answer = Object.fromEntries(location.searchParams);
  expect(answer).toEqual({ error: "access_denied", state: "s" });
});

test.each<Record<string, string>>([
  { client_id: "other" },
  { client_id: "" },
  { redirect_uri: "https://evil.example/callback" },
  { redirect_uri: "https://127.0.0.1:4000/callback" },
  { redirect_uri: "http://127.0.0.1:4001/callback" },
  { redirect_uri: "nonsense" },
  { redirect_uri: "javascript:alert(1)" },
  { redirect_uri: "other.example:/callback" },
  { redirect_uri: "" },
  { state: "" },
  { scope: "" },
  { scope: " " },
  { scope: "openid offline_access" },
  { scope: "openid read:connected_accounts" },
  { scope: "admin" },
  { prompt: "none" },
  { prompt: "login" },
  { user: "x".repeat(101) },
])("%j is an error page with 400, never a redirect", async (params) => {
  const response = await client().authorize({ user: "Alice", ...params });
  expect(response.status).toBe(400);
  expect(response.headers.get("location")).toBeNull();
  expect(await response.text()).toContain('role="alert"');
});

test("a faulty request cannot be denied into a redirect either", async () => {
  const params = { decision: "deny", redirect_uri: "https://evil.example/" };
  expect((await client().authorize(params)).status).toBe(400);
});

test("of the redirect URI only the origin is compared", async () => {
  const params = { user: "Alice", redirect_uri: "http://127.0.0.1:4000/other?x=1" };
  expect(locationOf(await client().authorize(params)).pathname).toBe("/other");
});

test("a scheme of an app's own is compared whole, for it has no origin", async () => {
  const params = { user: "Alice", redirect_uri: "app.example:/callback" };
  expect((await client().authorize(params)).status).toBe(302);
});

test("Q13: nonce and PKCE are ignored, as is everything else that is not known", async () => {
  const ignored = { nonce: "n", code_challenge: "c", code_challenge_method: "S256", max_age: "0" };
  const params = { user: "Alice", ...ignored, response_mode: "fragment", response_type: "token" };
  expect(locationOf(await client().authorize(params)).searchParams.has("code")).toBe(true);
});

test("a code that was never exchanged is no good after two minutes, when the next one is issued", async () => {
  const code = await client().code();
  advance(120_001);
  await client().code();
  expect((await client().token({ code })).status).toBe(500);
});
