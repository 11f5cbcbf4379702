import { redactedBody, redactedHeaders } from "../src/panel/redact";

const TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
const SESSION = `rvs_${"a".repeat(43)}`;

test.each([
  [{ id_token: TOKEN, refresh_token: "r", code: "0x0123", code_verifier: "v" }],
  [{ access_token: TOKEN, expires_at: "2026-01-06T10:30:00Z" }],
  [{ token: SESSION, nested: [{ deep: SESSION }] }],
  [{ status: TOKEN, detail: `it holds ${SESSION}`, title: "0x0123456789abcdef0123456789" }],
  [{ [SESSION]: 1 }],
])("no secret is left of %j", (body) => {
  const shown = redactedBody(JSON.stringify(body)) ?? "";
  expect(shown).not.toMatch(/eyJ|rvs_|0x|"r"|"v"/);
  expect(shown).toContain("•••");
});

test("shape, numbers and the words of the protocol are shown", () => {
  const body = { code: "needs_sign_in", status: 409, title: "Sign in", claims: { name: "Ada" } };
  expect(JSON.parse(redactedBody(JSON.stringify(body))!)).toEqual({
    ...body,
    claims: { name: "•••" },
  });
});

test("what is no JSON is counted and not shown", () => {
  expect(redactedBody(`token=${TOKEN}`)).toMatch(/^\d+ characters that are not JSON$/);
  expect(redactedBody("")).toBeUndefined();
});

test("a long body is cut", () => {
  const lines = redactedBody(JSON.stringify(Array.from({ length: 100 }, () => 1)))!.split("\n");
  expect(lines).toHaveLength(13);
});

test("of headers the harmless are shown, and of an authorization its scheme", () => {
  const headers = new Headers({
    authorization: `Bearer ${SESSION}`,
    cookie: "session=1",
    "content-type": "application/json",
    "x-new": "1",
    etag: TOKEN,
  });
  expect(redactedHeaders(headers)).toEqual([
    "authorization: Bearer •••",
    "content-type: application/json",
  ]);
});
