import type { EventOptions } from "../../support/events";
import { createUsersApi } from "../../support/users-api";

describe("S19: exactly one Authorization header, scheme Bearer", () => {
  let api: ReturnType<typeof createUsersApi>;
  let token: string;

  beforeEach(() => {
    api = createUsersApi();
    token = api.issuer.idToken();
  });

  afterEach(() => {
    api.clock.restore();
  });

  async function status(authorization: string | undefined, options: EventOptions = {}) {
    const headers = {
      ...options.headers,
      ...(authorization === undefined ? {} : { authorization }),
    };
    return (await api.call("PUT /me", { ...options, headers })).status;
  }

  test.each(["Bearer", "bearer", "BEARER", "bEaReR"])("the scheme %s is taken", async (scheme) => {
    expect(await status(`${scheme} ${token}`)).toBe(201);
  });

  test("two headers, which arrive joined by a comma, are refused, in any order", async () => {
    for (const header of [
      `Bearer ${token},Bearer ${token}`,
      `Bearer ${token}, Bearer junk`,
      `Basic YTpi,Bearer ${token}`,
      `Bearer ${token},`,
    ]) {
      expect(await status(header)).toBe(401);
      expect(api.lastReason()).toBe("malformed_credentials");
    }
  });

  test.each(["", "Bearer", "Bearer ", "Basic YTpi", "DPoP x", "Token x"])(
    "%p is refused",
    async (authorization) => {
      expect(await status(authorization)).toBe(401);
    },
  );

  test("white space and control characters around the token are refused", async () => {
    for (const header of [
      `Bearer  ${token}`,
      `Bearer\t${token}`,
      ` Bearer ${token}`,
      `Bearer ${token} `,
      `Bearer ${token}\r\nx: y`,
    ]) {
      expect(await status(header)).toBe(401);
    }
  });

  test("a token in the query, the body, a cookie or another header is no credential", async () => {
    expect(await status(undefined, { rawQueryString: `access_token=${token}` })).toBe(401);
    const body = JSON.stringify({ access_token: token });
    expect(await status(undefined, { body, headers: { "content-type": "application/json" } })).toBe(
      401,
    );
    expect(await status(undefined, { headers: { cookie: `token=${token}` } })).toBe(401);
    expect(await status(undefined, { headers: { "x-authorization": `Bearer ${token}` } })).toBe(
      401,
    );
  });
});

describe("S21 S22: two users", () => {
  test("each gets their own item, whatever else the request says", async () => {
    const api = createUsersApi();
    const alice = api.issuer.idToken();
    const bob = api.issuer.idToken({
      claims: { ["sub"]: "urn:rollupid:identity/0xb0", name: "Bob" },
    });
    await api.verdict(alice);
    await api.verdict(bob);
    for (const [token, name] of [
      [alice, "Alice"],
      [bob, "Bob"],
    ] as const) {
      const headers = { authorization: `Bearer ${token}`, "x-user-id": "other", "x-sub": "other" };
      const { body } = await api.call("GET /me", { headers });
      expect(body).toMatchObject({ claims: { name } });
    }
    expect(api.users.items.size).toBe(2);
    api.clock.restore();
  });
});

describe("S23: claims are kept by allow-list", () => {
  test("names of the list within their caps, and nothing else", async () => {
    const api = createUsersApi();
    const claims = {
      name: "Alice",
      picture: "https://pictures.example/a.png",
      email: "alice@people.example",
      role: "admin",
      groups: ["admin"],
      constructor: "x",
    };
    const { body } = await api.call("PUT /me", {
      headers: { authorization: `Bearer ${api.issuer.idToken({ claims })}` },
    });
    expect(body?.["claims"]).toEqual({
      name: "Alice",
      picture: "https://pictures.example/a.png",
      email: "alice@people.example",
    });
    api.clock.restore();
  });

  test.each([
    { name: 7 },
    { name: "" },
    { name: "x".repeat(257) },
    { name: { first: "A" } },
    { name: null },
    { picture: "javascript:alert(1)", name: undefined },
    { picture: "http://plain.example/a.png", name: undefined },
    { picture: "not a url", name: undefined },
    { email: ["a@b"], name: undefined },
  ])("%p is left out, and the sign-in goes on", async (claims) => {
    const api = createUsersApi();
    const { status, body } = await api.call("PUT /me", {
      headers: { authorization: `Bearer ${api.issuer.idToken({ claims })}` },
    });
    expect(status).toBe(201);
    expect(body?.["claims"]).toEqual({});
    api.clock.restore();
  });
});
