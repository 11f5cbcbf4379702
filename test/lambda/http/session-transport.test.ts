import type { ForbiddenError, UnauthorizedError } from "../../../lambda/errors";
import { createAuthenticate } from "../../../lambda/http/authenticate";
import { readEvent } from "../../../lambda/http/event";
import { createSessionTransport } from "../../../lambda/http/session-transport";
import { httpEvent } from "../../support/events";
import { ALICE, NOW } from "../../support/tokens";

const ORIGIN = "https://app.example";
const cookies = createSessionTransport({
  transport: "cookie",
  origins: [ORIGIN, "https://b.example"],
  absoluteSeconds: 7_776_000,
});
const bearer = createSessionTransport({ absoluteSeconds: 1 });
const TOKEN = "rvs_token";
const COOKIE = `__Host-session=${TOKEN}`;
const OURS = { origin: ORIGIN, "x-rollup-vault": "1" };

function eventOf(
  route: string,
  { headers = {}, with: sent = [] }: { headers?: Record<string, string>; with?: string[] } = {},
) {
  return readEvent({ ...httpEvent(route, { headers }), cookies: sent }, "id");
}

/** What the caller is taken for. */
async function judge(transport: typeof cookies, event: ReturnType<typeof eventOf>) {
  const idToken = { sub: ALICE, issuedAt: NOW, expiresAt: NOW, claims: {}, tokenHash: "" };
  const authenticate = createAuthenticate({
    verifier: {
      ready: () => Promise.resolve(),
      verify: () => Promise.resolve(idToken),
      verifyExchanged: () => Promise.reject(new Error("nothing was exchanged")),
    },
    sessions: {
      transport,
      tokens: { isSessionToken: (text) => text.startsWith("rvs_") },
      resolve: (token) =>
        Promise.resolve({
          kind: "session",
          sub: token,
          evidence: { sub: token, at: NOW, tokenHash: "" },
          session: {} as never,
        }),
    },
  });
  return await authenticate(event).then(
    ({ kind, sub }) => (kind === "session" ? `session ${sub}` : kind),
    (error: unknown) => {
      const { name, reason } = error as UnauthorizedError | ForbiddenError;
      return `${name} ${reason}`;
    },
  );
}

describe("a stage with cookies", () => {
  test("hands the token over in a cookie that no script can read, for this host, over https, on this site", () => {
    expect(cookies.issue(TOKEN)).toEqual({
      token: null,
      cookies: [`${COOKIE}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=7776000`],
    });
    expect(cookies.clearingCookies).toEqual([
      "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0",
    ]);
  });

  test.each([
    ["GET /me", {}, `session ${TOKEN}`],
    ["GET /me", { origin: "https://evil.example" }, `session ${TOKEN}`],
    ["POST /me/access-token", OURS, `session ${TOKEN}`],
    ["DELETE /me", { origin: "https://b.example", "x-rollup-vault": "x" }, `session ${TOKEN}`],
  ])("%s with headers %p is taken", async (route, headers, expected) => {
    expect(await judge(cookies, eventOf(route, { headers, with: [COOKIE] }))).toBe(expected);
  });

  const foreign: [string, Record<string, string>][] = [
    ["nothing", {}],
    ["no origin", { "x-rollup-vault": "1" }],
    ["no custom header", { origin: ORIGIN }],
    ["an empty custom header", { ...OURS, "x-rollup-vault": "" }],
    ["another origin", { ...OURS, origin: "https://evil.example" }],
    ["the origin of a sandbox", { ...OURS, origin: "null" }],
    ["an origin that begins like ours", { ...OURS, origin: `${ORIGIN}.evil.example` }],
    ["our origin over plain http", { ...OURS, origin: "http://app.example" }],
    ["two origins", { ...OURS, origin: `${ORIGIN},https://evil.example` }],
  ];

  test.each(
    ["PUT /me/refresh-token", "PATCH /me", "POST /me/access-token", "DELETE /sessions"].flatMap(
      (route) => foreign.map(([what, headers]) => [route, what, headers] as const),
    ),
  )("%s with %s is refused", async (route, _, headers) => {
    expect(await judge(cookies, eventOf(route, { headers, with: [COOKIE] }))).toBe(
      "ForbiddenError cross_site",
    );
  });

  describe("F14: a GET that asks the provider is no plain read", () => {
    const fresh = async (headers: Record<string, string>) => {
      const event = readEvent(
        { ...httpEvent("GET /me", { headers }), cookies: [COOKIE], rawQueryString: "fresh=true" },
        "id",
      );
      return await judge(cookies, event);
    };
    const header = { "x-rollup-vault": "1" };

    test.each<[string, Record<string, string>]>([
      ["a same-origin page, whose browser sends no origin", header],
      ["one that says so", { ...header, "sec-fetch-site": "same-origin" }],
      ["a page of another origin of the stage", { ...OURS, "sec-fetch-site": "same-site" }],
    ])("%s may", async (_, headers) => {
      expect(await fresh(headers)).toBe(`session ${TOKEN}`);
    });

    test.each<[string, Record<string, string>]>([
      ["an image or a form", {}],
      ["a link", { "sec-fetch-site": "same-origin" }],
      ["a script of another origin", { ...header, origin: "https://evil.example" }],
      ["a sandbox", { ...header, origin: "null" }],
      ["our origin without the header", { origin: ORIGIN }],
      ["another site that sends no origin", { ...header, "sec-fetch-site": "cross-site" }],
      ["another subdomain that sends no origin", { ...header, "sec-fetch-site": "same-site" }],
      ["an empty header", { "x-rollup-vault": "" }],
    ])("%s may not", async (_, headers) => {
      expect(await fresh(headers)).toBe("ForbiddenError cross_site");
    });

    test("nothing that changes something does without an origin", async () => {
      const headers = { ...header, "sec-fetch-site": "same-origin" };
      const event = eventOf("PATCH /me", { headers, with: [COOKIE] });
      expect(await judge(cookies, event)).toBe("ForbiddenError cross_site");
    });
  });

  test("takes no session as bearer, alone or beside a cookie", async () => {
    const headers = { ...OURS, authorization: `Bearer ${TOKEN}` };
    for (const sent of [[], [COOKIE]]) {
      expect(await judge(cookies, eventOf("GET /me", { headers, with: sent }))).toBe(
        "UnauthorizedError wrong_transport",
      );
    }
  });

  test("takes an ID token as bearer, which then speaks alone", async () => {
    const headers = { authorization: "Bearer eyJ" };
    expect(await judge(cookies, eventOf("PUT /me", { headers, with: [COOKIE] }))).toBe("id_token");
  });

  test.each([
    [[COOKIE, COOKIE], "UnauthorizedError malformed_credentials"],
    [["session=rvs_token"], "UnauthorizedError missing_credentials"],
    [["__host-session=rvs_token"], "UnauthorizedError missing_credentials"],
    [["x__Host-session=rvs_token"], "UnauthorizedError missing_credentials"],
    [[], "UnauthorizedError missing_credentials"],
    [["a=1", COOKIE, "b=2"], `session ${TOKEN}`],
  ])("of the cookies %p", async (sent, expected) => {
    expect(await judge(cookies, eventOf("GET /me", { with: sent }))).toBe(expected);
  });
});

describe("a stage with bearers", () => {
  test("shows the token once, sets no cookie and reads none", async () => {
    expect(bearer.issue(TOKEN)).toEqual({ token: TOKEN, cookies: [] });
    expect(bearer.clearingCookies).toEqual([]);
    expect(await judge(bearer, eventOf("GET /me", { headers: OURS, with: [COOKIE] }))).toBe(
      "UnauthorizedError missing_credentials",
    );
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await judge(bearer, eventOf("POST /x", { headers, with: [COOKIE] }))).toBe(
      `session ${TOKEN}`,
    );
  });
});

test.each([undefined, null, {}, "__Host-session=x", [1, null, {}], [[COOKIE]]])(
  "S35: an event with cookies %p has none",
  (sent) => {
    expect(readEvent({ ...httpEvent("GET /me"), cookies: sent }, "id").cookies).toEqual([]);
  },
);
