import { pickRollupUserinfo } from "../../../lambda/idp/profiles/rollup-identity";
import { createUserinfo } from "../../../lambda/idp/userinfo";
import { createOwnApi } from "../../../lambda/platform/own-api";
import { HttpFailure, type HttpRequest } from "../../../lambda/ports/http-client";
import { ALICE, BOB } from "../../support/tokens";

function createHttp(status: number, body: unknown) {
  const sent: HttpRequest[] = [];
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    sent,
    send: (request: HttpRequest) => {
      sent.push(request);
      return status === 0
        ? Promise.reject(new HttpFailure(true))
        : Promise.resolve({ status, headers: {}, body: Buffer.from(text) });
    },
  };
}

const UNAVAILABLE = { kind: "unavailable" };

describe("userinfo", () => {
  const url = "https://passport.example/userinfo";
  const read = async (status: number, body: unknown) => {
    const http = createHttp(status, body);
    const userinfo = createUserinfo({ url, pickUserinfo: pickRollupUserinfo, http });
    return { answer: await userinfo.read("at", ALICE, 2_000), sent: http.sent };
  };

  test("is a GET with the access token as bearer, spelled as Rollup ID wants it", async () => {
    const { answer, sent } = await read(200, { sub: ALICE, email: "a@b.example", admin: true });
    expect(answer).toEqual({ kind: "claims", claims: { email: "a@b.example" } });
    expect(sent).toMatchObject([
      { method: "GET", url, timeoutMs: 2_000, headers: { authorization: "Bearer at" } },
    ]);
  });

  test("OIDC Core 5.3.2: an answer about somebody else is none", async () => {
    expect((await read(200, { sub: BOB, email: "b@b.example" })).answer).toEqual({
      kind: "foreign",
    });
  });

  test.each([
    [200, {}],
    [200, []],
    [200, null],
    [200, "<html>"],
    [200, ""],
    // `application/jwt`, which nobody asked for (OpenID Connect Core 5.3.2).
    [200, "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"],
    [200, { sub: null }],
    [200, { sub: [ALICE] }],
    [302, { sub: ALICE }],
    [401, { sub: ALICE }],
    [500, "<html>"],
    [0, ""],
  ])("a %d with %p is no answer, and no error", async (status, body) => {
    expect((await read(status, body)).answer).toEqual(UNAVAILABLE);
  });

  test.each([
    [7, { kind: "claims", claims: { email: "a@b.example" } }],
    ["7", { kind: "claims", claims: { email: "a@b.example" } }],
    [8, { kind: "foreign" }],
  ])("a sub %p is about subject 7: %j", async (sub, expected) => {
    const http = createHttp(200, { sub, email: "a@b.example" });
    const userinfo = createUserinfo({ url, pickUserinfo: pickRollupUserinfo, http });
    expect(await userinfo.read("at", "7", 2_000)).toEqual(expected);
  });

  test("that takes too long says which limit it was", async () => {
    const send = () => Promise.reject(new HttpFailure(true, "time"));
    const userinfo = createUserinfo({ url, pickUserinfo: pickRollupUserinfo, http: { send } });
    expect(await userinfo.read("at", ALICE, 2_000)).toEqual({
      kind: "unavailable",
      setting: "idp.userinfoTimeoutMs",
    });
  });
});

describe("our own API", () => {
  const ask = async (status: number, body: unknown) => {
    const http = createHttp(status, body);
    const api = createOwnApi({ url: "https://api.example/", http });
    return { token: await api.accessToken({ authorization: "Bearer id" }, 900), sent: http.sent };
  };

  test("is asked for an access token with the caller's own credential", async () => {
    const { token, sent } = await ask(200, { access_token: "at" });
    expect(token).toBe("at");
    expect(sent).toMatchObject([
      {
        method: "POST",
        url: "https://api.example/me/access-token",
        timeoutMs: 900,
        headers: { authorization: "Bearer id", "content-type": "application/json" },
      },
    ]);
  });

  test.each([
    [409, { code: "needs_sign_in" }],
    [503, {}],
    [200, {}],
    [200, { access_token: "" }],
    [200, "<html>"],
    [0, ""],
  ])("a %d with %p is no token, and no error", async (status, body) => {
    expect((await ask(status, body)).token).toBeUndefined();
  });
});
