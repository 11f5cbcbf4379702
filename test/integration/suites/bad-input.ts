import type { Call } from "@rollup-vault/local-aws/testing/http-exchange";
import type { World } from "../world";

type Row = [title: string, status: number, code: string, call: Omit<Call, "bearer">];

const REFRESH_TOKEN = "/me/refresh-token";
const JSON_TYPE = ["content-type", "application/json"];
const put = (changes: Partial<Call>): Call => ({ method: "PUT", path: REFRESH_TOKEN, ...changes });
const bytes = (...values: number[]) => Buffer.from(values);

const ROWS: Row[] = [
  ["S32: a path that is not there", 404, "not_found", { method: "GET", path: "/nothing" }],
  ["S32: a path with a slash too many", 404, "not_found", { method: "GET", path: "/me/" }],
  ["S32: a path in other letters", 404, "not_found", { method: "GET", path: "/ME" }],
  ["S32: a path that cannot be decoded", 404, "not_found", { method: "GET", path: "/me/%zz" }],
  [
    "S32: a method that the path does not take",
    405,
    "method_not_allowed",
    { method: "POST", path: "/me" },
  ],
  [
    "S32: a method that nobody knows",
    405,
    "method_not_allowed",
    { method: "PROPFIND", path: "/me" },
  ],
  [
    "S32: a body that is too large",
    413,
    "payload_too_large",
    put({ json: { refresh_token: "a".repeat(20_000) } }),
  ],
  [
    "S32: another content type",
    415,
    "unsupported_media_type",
    put({
      body: "refresh_token=a",
      headers: ["content-type", "application/x-www-form-urlencoded"],
    }),
  ],
  ["S32: no content type", 415, "unsupported_media_type", put({ body: "{}" })],
  [
    "S32: a compressed body",
    415,
    "unsupported_media_type",
    put({ json: {}, headers: ["content-encoding", "gzip"] }),
  ],
  ["what is not JSON", 400, "invalid_request", put({ body: "{", headers: JSON_TYPE })],
  ["JSON that is no object", 400, "invalid_request", put({ json: ["refresh_token"] })],
  [
    "text that is not UTF-8",
    400,
    "invalid_request",
    put({ body: bytes(0x7b, 0x22, 0xff, 0x22, 0x7d), headers: JSON_TYPE }),
  ],
  [
    "UTF-16",
    400,
    "invalid_request",
    put({ body: Buffer.from('{"refresh_token":"a"}', "utf16le"), headers: JSON_TYPE }),
  ],
  [
    "S23: an unknown member",
    400,
    "invalid_request",
    put({ json: { refresh_token: "a", sub: "b" } }),
  ],
  [
    "S23: a member __proto__",
    400,
    "invalid_request",
    put({ body: '{"__proto__":{"refresh_token":"a"}}', headers: JSON_TYPE }),
  ],
  ["a member of the wrong type", 400, "invalid_request", put({ json: { refresh_token: 1 } })],
  ["a missing member", 400, "invalid_request", put({ json: {} })],
  [
    "S26: something else than a refresh token",
    400,
    "invalid_request",
    put({ json: { refresh_token: "eyJ.a.b" } }),
  ],
  [
    "S21: a subject in the query",
    400,
    "invalid_request",
    { method: "GET", path: "/me?sub=urn:rollupid:identity/0x00" },
  ],
  [
    "a number out of range",
    400,
    "invalid_request",
    { method: "POST", path: "/me/access-token", json: { min_validity: -1 } },
  ],
];

export function describeBadInput(world: () => World): void {
  describe("bad input", () => {
    let idToken: string;

    beforeAll(async () => {
      ({ idToken } = await world().signIn("Bad Input"));
    });

    async function stored(): Promise<string> {
      return JSON.stringify([await world().items("users"), await world().items("refreshTokens")]);
    }

    async function expectProblem(request: Call, status: number, code: string): Promise<void> {
      const before = await stored();
      const answer = await world().call(request);
      expect([answer.status, answer.body?.code]).toEqual([status, code]);
      expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
      expect(answer.headers["cache-control"]).toBe("no-store");
      expect(answer.body).toMatchObject({
        status,
        type: expect.any(String),
        title: expect.any(String),
      });
      expect(await stored()).toBe(before);
    }

    test.each(ROWS)("%s: %i", async (_, status, code, request) => {
      await expectProblem({ ...request, bearer: idToken }, status, code);
    });

    const authorization = (...values: string[]) =>
      values.flatMap((value) => ["authorization", value]);
    test.each([
      [
        "S19: two Authorization headers",
        (token: string) => authorization(`Bearer ${token}`, `Bearer ${token}`),
      ],
      [
        "S19: a header with a comma",
        (token: string) => authorization(`Bearer ${token}, Bearer ${token}`),
      ],
      ["S19: another scheme", (token: string) => authorization(`Basic ${token}`)],
      ["S19: none, and the token in the query", () => []],
    ])("%s: 401", async (_, headers) => {
      const request = { method: "PUT", path: "/me", headers: headers(idToken) };
      await expectProblem(request, 401, "invalid_token");
    });

    test("S19: a token in the query is no credential", async () => {
      const path = `/me?access_token=${idToken}`;
      await expectProblem({ method: "PUT", path }, 401, "invalid_token");
    });
  });
}
