import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import type { World } from "../world";

const validate = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true })).compile(
  JSON.parse(readFileSync("docs/schemas/export.schema.json", "utf8")) as object,
);

export function describeAccount(world: () => World): void {
  const call = (bearer: string, method: string, path: string, json?: unknown) =>
    world().call({ method, path, bearer, json });

  async function open(name: string) {
    const person = await world().signIn(name);
    const answer = await call(person.idToken, "POST", "/sessions", {
      refresh_token: person.refreshToken,
    });
    return { ...person, session: String(answer.body.session.token) };
  }

  /** The caller's rows in all tables, in the order users, refreshTokens, sessions. */
  async function rowsOf(sub: string) {
    const tables = ["users", "refreshTokens", "sessions"] as const;
    return await Promise.all(
      tables.map(async (table) =>
        (await world().items(table)).filter((item) => item["sub"] === sub),
      ),
    );
  }

  describe("GET /me/export", () => {
    test("is everything that is kept, in the form of its schema, and no secret", async () => {
      const { session, refreshToken } = await open("Export");
      const { body: user } = await call(session, "PATCH", "/me", { attributes: { theme: "dark" } });
      const token = await call(session, "POST", "/me/access-token");
      const { status, body, text } = await call(session, "GET", "/me/export");
      validate(body);
      expect([status, validate.errors]).toEqual([200, null]);
      expect(body.user).toEqual(user);
      expect(body.sessions).toHaveLength(1);
      expect(body.refresh_token.history).toMatchObject([
        { by: "POST /sessions", outcome: "stored" },
        { by: "POST /me/access-token", outcome: "exchanged" },
      ]);
      for (const secret of [session, refreshToken, String(token.body.access_token)]) {
        expect(text).not.toContain(secret.slice(-40));
      }
    });

    test("of somebody who has signed in and stored nothing is empty, by the same schema", async () => {
      const { idToken } = await world().signIn("Export Nothing");
      const { body } = await call(idToken, "GET", "/me/export");
      validate(body);
      expect(validate.errors).toBeNull();
      expect(body).toMatchObject({ user: null, refresh_token: { status: "none" }, sessions: [] });
    });
  });

  describe("DELETE /me", () => {
    test("erases user, refresh token and sessions, and answers with a receipt", async () => {
      const { session, idToken } = await open("Erase");
      const other = await open("Erase");
      const { body: user } = await call(session, "GET", "/me");
      await call(session, "POST", "/me/access-token");
      const { status, body } = await call(session, "DELETE", "/me");
      expect([status, body]).toEqual([
        200,
        {
          sub: user.sub,
          erased_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          erased: ["user", "refresh_token", "sessions"],
          revocation: "no_endpoint",
        },
      ]);
      const [users = [], grants = [], sessions] = await rowsOf(String(user.sub));
      expect(Object.keys(users[0] ?? {}).sort()).toEqual(
        ["erasedAt", "erasedTokens", "revocation", "schemaVersion", "sub"].sort(),
      );
      expect(grants[0]).not.toHaveProperty("refreshToken");
      expect(grants[0]).not.toHaveProperty("accessToken");
      expect(grants[0]).toMatchObject({ status: "disconnected", reason: "erased", history: [] });
      expect(sessions).toEqual([]);
      for (const bearer of [session, other.session, idToken]) {
        expect((await call(bearer, "GET", "/me")).status).toBe(401);
      }
    });

    test("S30: no proof from before creates, stores, reads or uses anything", async () => {
      const { session, idToken, refreshToken } = await open("Erase Old Proof");
      const { body: user } = await call(session, "GET", "/me");
      await call(session, "DELETE", "/me");
      const before = await rowsOf(String(user.sub));
      const attempts: [string, string, string, unknown?][] = [];
      for (const bearer of [idToken, session]) {
        attempts.push(
          [bearer, "PUT", "/me"],
          [bearer, "GET", "/me"],
          [bearer, "PATCH", "/me", { attributes: { a: 1 } }],
          [bearer, "GET", "/me/export"],
          [bearer, "PUT", "/me/refresh-token", { refresh_token: refreshToken }],
          [bearer, "GET", "/me/refresh-token"],
          [bearer, "DELETE", "/me/refresh-token"],
          [bearer, "POST", "/me/access-token"],
          [bearer, "POST", "/sessions", { refresh_token: refreshToken }],
          [bearer, "GET", "/sessions"],
          [bearer, "DELETE", "/sessions"],
        );
      }
      for (const [bearer, method, path, json] of attempts) {
        const { status, body } = await call(bearer, method, path, json);
        expect([method, path, status, body.action]).toEqual([method, path, 401, "sign_in"]);
      }
      expect(await rowsOf(String(user.sub))).toEqual(before);
    });

    test("repeated by the same ID token it gives the same receipt", async () => {
      const { idToken } = await open("Erase Twice");
      const first = await call(idToken, "DELETE", "/me");
      const second = await call(idToken, "DELETE", "/me");
      expect([second.status, second.body]).toEqual([200, first.body]);
    });

    /** New from this moment on: an ID token may say the same as another one of its second. */
    async function postCode(name: string) {
      const { redirectUri: redirect_uri } = world().stack.outputs;
      const json = { code: await world().authorize(name), redirect_uri };
      return await world().call({ method: "POST", path: "/sessions", json });
    }

    test("whoever signs in afterwards starts anew, and the old proofs stay worthless", async () => {
      const old = await open("Erase And Return");
      await call(old.session, "PATCH", "/me", { attributes: { theme: "dark" } });
      await call(old.session, "DELETE", "/me");
      const { body: signedIn } = await postCode("Erase And Return");
      const back = { session: String(signedIn.session.token) };
      const { status, body } = await call(back.session, "GET", "/me");
      expect([status, body.attributes, body.version]).toEqual([200, {}, 1]);
      expect((await call(back.session, "POST", "/me/access-token")).status).toBe(200);
      for (const bearer of [old.session, old.idToken]) {
        expect((await call(bearer, "GET", "/me")).status).toBe(401);
        expect((await call(bearer, "DELETE", "/me")).status).toBe(401);
      }
      expect((await call(back.session, "GET", "/me")).status).toBe(200);
    });

    test("a sign-in by code right afterwards starts anew, too", async () => {
      const first = await postCode("Erase By Code");
      const erased = await call(String(first.body.session.token), "DELETE", "/me");
      const second = await postCode("Erase By Code");
      expect([first.status, erased.status, second.status]).toEqual([201, 200, 201]);
      expect(second.body.user).toMatchObject({ version: 1 });
    });
  });

  describe("signing in again", () => {
    test("heals a connection that the user had ended, by the same POST /sessions", async () => {
      const { session, idToken, refreshToken } = await open("Heal");
      await call(session, "DELETE", "/me/refresh-token");
      expect((await call(session, "POST", "/me/access-token")).body.code).toBe("needs_sign_in");
      await call(idToken, "POST", "/sessions", { refresh_token: refreshToken });
      expect((await call(session, "POST", "/me/access-token")).status).toBe(200);
      expect((await call(session, "GET", "/me/refresh-token")).body.status).toBe("active");
    });

    test("heals one that the provider has refused, by code", async () => {
      const { session } = await open("Heal Refused");
      const error = { code: "UNAUTHORIZED", message: "expired token", name: "RollupError" };
      await world().programme({ token: [{ kind: "status", status: 401, body: error }] });
      expect((await call(session, "POST", "/me/access-token")).status).toBe(409);
      const { redirectUri: redirect_uri } = world().stack.outputs;
      const json = { code: await world().authorize("Heal Refused"), redirect_uri };
      expect((await world().call({ method: "POST", path: "/sessions", json })).status).toBe(201);
      expect((await call(session, "POST", "/me/access-token")).status).toBe(200);
    });
  });
}
