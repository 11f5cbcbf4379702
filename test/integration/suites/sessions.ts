import { AwsError } from "@rollup-vault/local-aws/aws/call";
import type { World } from "../world";

export function describeSessions(world: () => World): void {
  describe("sessions", () => {
    const call = (bearer: string, method: string, path: string, json?: unknown) =>
      world().call({ method, path, bearer, json });

    async function open(name: string) {
      const person = await world().signIn(name);
      const answer = await call(person.idToken, "POST", "/sessions", {
        refresh_token: person.refreshToken,
      });
      return { ...person, answer, token: String(answer.body.session.token) };
    }

    /** New from this moment on, whatever the second of the ID token says. */
    async function openByCode(name: string): Promise<string> {
      const { redirectUri: redirect_uri } = world().stack.outputs;
      const json = { code: await world().authorize(name), redirect_uri };
      const { body } = await world().call({ method: "POST", path: "/sessions", json });
      return String(body.session.token);
    }

    test("an ID token and a refresh token open one, and from then on it is all that is needed", async () => {
      const { answer, token } = await open("Session");
      expect([answer.status, answer.body.user.claims.name]).toEqual([201, "Session"]);
      expect(token).toMatch(/^rvs_[A-Za-z0-9_-]{49}$/);
      expect((await call(token, "GET", "/me")).body.claims).toEqual(answer.body.user.claims);
      expect((await call(token, "POST", "/me/access-token")).status).toBe(200);
      expect((await call(token, "GET", "/me/refresh-token")).body.status).toBe("active");
      expect((await call(token, "DELETE", "/me/refresh-token")).status).toBe(204);
    });

    test("GET /me by session is two reads", async () => {
      const { token } = await open("Two Reads");
      await call(token, "GET", "/me");
      world().takeAwsCalls();
      await call(token, "GET", "/me");
      expect(world().takeAwsCalls()).toEqual({ "dynamodb:GetItem": 2 });
    });

    test("a session cannot do what takes an ID token, nor an ID token what takes a session", async () => {
      const { token, idToken } = await open("Kinds");
      for (const [bearer, method, path] of [
        [token, "PUT", "/me"],
        [token, "POST", "/sessions"],
        [idToken, "GET", "/sessions"],
        [idToken, "DELETE", "/sessions/current"],
        [idToken, "DELETE", "/sessions"],
      ] as const) {
        const { status, body } = await call(bearer, method, path);
        expect([method, path, status, body.code]).toEqual([method, path, 401, "invalid_token"]);
      }
    });

    test("are listed without their tokens, and ended one, here, and everywhere", async () => {
      const [one, two, three] = [await open("List"), await open("List"), await open("List")];
      const { body, text } = await call(one.token, "GET", "/sessions");
      expect(body.sessions).toHaveLength(3);
      expect(text).not.toContain("rvs_");
      const listed = body.sessions as { id: string; current: boolean }[];
      expect(listed.filter(({ current }) => current).map(({ id }) => id)).toEqual([
        one.answer.body.session.id,
      ]);

      const id = String(two.answer.body.session.id);
      expect((await call(one.token, "DELETE", `/sessions/${id}`)).status).toBe(204);
      expect((await call(two.token, "GET", "/me")).status).toBe(401);
      expect((await call(one.token, "DELETE", `/sessions/${id}`)).status).toBe(404);

      expect((await call(one.token, "DELETE", "/sessions/current")).status).toBe(204);
      expect((await call(one.token, "GET", "/me")).status).toBe(401);
      const four = await open("List");
      expect((await call(three.token, "DELETE", "/sessions")).status).toBe(204);
      expect((await call(three.token, "GET", "/me")).status).toBe(401);
      expect((await call(four.token, "GET", "/me")).status).toBe(401);
    });

    test("signed out everywhere, no proof from before opens anything, and the next sign-in has everything (F6)", async () => {
      const { idToken, refreshToken, token } = await open("Everywhere");
      await call(token, "POST", "/me/access-token");
      expect((await call(token, "DELETE", "/sessions")).status).toBe(204);
      const before = [await world().items("sessions"), await world().items("refreshTokens")];
      for (const bearer of [idToken, token]) {
        for (const [method, path, json] of [
          ["POST", "/sessions", { refresh_token: refreshToken }],
          ["PUT", "/me", undefined],
          ["GET", "/me", undefined],
          ["PATCH", "/me", { attributes: { a: 1 } }],
          ["GET", "/me/export", undefined],
          ["DELETE", "/me", undefined],
          ["PUT", "/me/refresh-token", { refresh_token: refreshToken }],
          ["GET", "/me/refresh-token", undefined],
          ["DELETE", "/me/refresh-token", undefined],
          ["POST", "/me/access-token", undefined],
          ["GET", "/sessions", undefined],
          ["DELETE", "/sessions", undefined],
        ] as const) {
          const { status, body } = await call(bearer, method, path, json);
          const expected = [method, path, 401, "invalid_token", "sign_in"];
          expect([method, path, status, body.code, body.action]).toEqual(expected);
        }
      }
      const after = [await world().items("sessions"), await world().items("refreshTokens")];
      expect(after).toEqual(before);

      const back = await openByCode("Everywhere");
      expect((await call(back, "POST", "/me/access-token")).status).toBe(200);
      expect((await call(back, "GET", "/me")).status).toBe(200);
      expect((await call(idToken, "GET", "/me")).status).toBe(401);
    });

    test("a sign-out everywhere that breaks off is gone on with by the same session, and spares who came after it", async () => {
      const [one, two] = [await open("Broken Off"), await open("Broken Off")];
      world().failAws(({ service, action }) =>
        service === "dynamodb" && action === "DeleteItem"
          ? new AwsError("InternalServerError", "made up", 500)
          : undefined,
      );
      const broken = await call(one.token, "DELETE", "/sessions");
      world().failAws(() => undefined);
      expect([broken.status, broken.body.action]).toEqual([503, "retry"]);
      expect((await call(two.token, "GET", "/me")).status).toBe(401);
      expect((await call(two.token, "GET", "/sessions")).status).toBe(401);
      const back = await openByCode("Broken Off");
      expect((await call(one.token, "DELETE", "/sessions")).status).toBe(204);
      expect((await call(one.token, "GET", "/sessions")).status).toBe(401);
      expect((await call(back, "GET", "/sessions")).body.sessions).toHaveLength(1);
    });

    test("one more than the stage allows ends the one that nobody used for longest (F3)", async () => {
      const { idToken } = await world().signIn("Too Many");
      const ids: string[] = [];
      const tokens: string[] = [];
      for (let n = 0; n < 52; n += 1) {
        const { status, body } = await call(idToken, "POST", "/sessions");
        expect(status).toBe(201);
        ids.push(String(body.session.id));
        tokens.push(String(body.session.token));
      }
      const { body } = await call(tokens.at(-1) ?? "", "GET", "/sessions");
      const listed = (body.sessions as { id: string }[]).map(({ id }) => id);
      expect(listed.sort()).toEqual(ids.slice(2).sort());
      expect((await call(tokens[0] ?? "", "GET", "/me")).status).toBe(401);
    });

    test("signing in by ID token: four calls and one data key, and one look at the sessions beside the last of them", async () => {
      const { idToken, refreshToken } = await world().signIn("Counted Sign-in");
      const body = { refresh_token: refreshToken };
      await call(idToken, "POST", "/sessions", body);
      world().takeAwsCalls();
      await call(idToken, "POST", "/sessions", body);
      expect(world().takeAwsCalls()).toEqual({
        "dynamodb:UpdateItem": 2,
        "dynamodb:GetItem": 2,
        "dynamodb:PutItem": 1,
        "dynamodb:Query": 1,
        "kms:GenerateDataKey": 1,
      });
    });

    test("S22: somebody else's session is no session to the caller", async () => {
      const [alice, bob] = [await open("Session Alice"), await open("Session Bob")];
      const id = String(bob.answer.body.session.id);
      expect((await call(alice.token, "DELETE", `/sessions/${id}`)).status).toBe(404);
      expect((await call(bob.token, "GET", "/me")).body.claims.name).toBe("Session Bob");
    });

    test("S20: a session that is none is the same 401 as any other, and junk costs no read", async () => {
      const { token } = await open("Junk");
      const junk = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
      world().takeAwsCalls();
      const refused = await call(junk, "GET", "/me");
      expect(world().takeAwsCalls()).toEqual({});
      const missing = await world().call({ method: "GET", path: "/me" });
      expect([refused.status, { ...refused.body, instance: "" }]).toEqual([
        401,
        { ...missing.body, instance: "" },
      ]);
    });

    test("somebody else's refresh token opens no session", async () => {
      const [alice, bob] = [await world().signIn("Fix Alice"), await world().signIn("Fix Bob")];
      const before = await world().items("sessions");
      const answer = await call(alice.idToken, "POST", "/sessions", {
        refresh_token: bob.refreshToken,
      });
      expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
      expect(await world().items("sessions")).toHaveLength(before.length);
    });
  });

  describe("sign-in by code", () => {
    const post = (json: unknown) => world().call({ method: "POST", path: "/sessions", json });

    test("a code and its redirect URI bring session, user and access token, and the connection is stored", async () => {
      const { redirectUri } = world().stack.outputs;
      const code = await world().authorize("By Code");
      const answer = await post({ code, redirect_uri: redirectUri });
      expect([answer.status, answer.body.user.claims.name]).toEqual([201, "By Code"]);
      expect(answer.body.access_token).toMatchObject({ token_type: "Bearer" });
      const bearer = String(answer.body.session.token);
      const again = await world().call({ method: "POST", path: "/me/access-token", bearer });
      expect(again.body.access_token).toBe(answer.body.access_token.access_token);
      expect(answer.text).not.toContain("refresh_token");
    });

    test("a redirect URI that is not on the stage's list is refused before anything is sent", async () => {
      const code = await world().authorize("Wrong Redirect");
      const before = await world().refreshes();
      for (const redirect_uri of [
        "https://evil.example/callback",
        "",
        `${world().stack.outputs.redirectUri}/`,
      ]) {
        expect((await post({ code, redirect_uri })).status).toBe(400);
      }
      expect(await world().refreshes()).toBe(before);
    });

    test("a code that the provider does not take leaves nothing behind", async () => {
      const { redirectUri } = world().stack.outputs;
      const before = [await world().items("sessions"), await world().items("users")];
      // Rollup ID has 500 for both of them.
      for (const code of ["0xunknown", `0x${"00".repeat(24)}`]) {
        const answer = await post({ code, redirect_uri: redirectUri });
        expect(answer).toMatchObject({
          status: 401,
          body: { code: "invalid_token", action: "sign_in", retryable: false },
        });
      }
      expect([await world().items("sessions"), await world().items("users")]).toEqual(before);
    });

    test("a code that no code can be is refused without asking", async () => {
      const { redirectUri } = world().stack.outputs;
      // Whoever asks now gets no answer, which is told apart.
      await world().programme({ token: [{ kind: "status", status: 429 }] });
      expect((await post({ code: "junk", redirect_uri: redirectUri })).status).toBe(401);
      const asked = await post({ code: `0x${"00".repeat(24)}`, redirect_uri: redirectUri });
      expect(asked).toMatchObject({ status: 503, body: { action: "retry" } });
      await world().programme({ reset: true });
    });

    test.each([
      { kind: "cut_off" },
      { kind: "html" },
      { kind: "no_answer" },
      { kind: "status", status: 500 },
    ])("after $kind the answer is to sign in, and a new sign-in heals", async (fault) => {
      const { redirectUri } = world().stack.outputs;
      const code = await world().authorize("Broken Off");
      await world().programme({ token: [fault] });
      const answer = await post({ code, redirect_uri: redirectUri });
      expect(answer).toMatchObject({
        status: 401,
        body: { action: "sign_in", retryable: false },
      });
      await world().programme({ reset: true });
      const again = await world().authorize("Broken Off");
      expect((await post({ code: again, redirect_uri: redirectUri })).status).toBe(201);
    });

    test.each([
      { kind: "status", status: 503, headers: { "retry-after": "1" } },
      { kind: "status", status: 429 },
    ])(
      "a provider that has not begun ($status) is worth asking again, with the same code",
      async (fault) => {
        const { redirectUri } = world().stack.outputs;
        const code = await world().authorize("Retry");
        await world().programme({ token: [fault] });
        const answer = await post({ code, redirect_uri: redirectUri });
        expect(answer).toMatchObject({ status: 503, body: { action: "retry", retryable: true } });
        await world().programme({ reset: true });
        expect((await post({ code, redirect_uri: redirectUri })).status).toBe(201);
      },
    );

    test("neither code nor ID token is the 401 of any request without credentials", async () => {
      expect((await world().call({ method: "POST", path: "/sessions" })).status).toBe(401);
      expect((await post({ refresh_token: "x" })).status).toBe(400);
    });
  });
}
