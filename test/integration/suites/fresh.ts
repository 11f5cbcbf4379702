import type { World } from "../world";

export function describeFresh(world: () => World): void {
  describe("GET /me?fresh=true", () => {
    const call = (bearer: string, method: string, path: string, json?: unknown) =>
      world().call({ method, path, bearer, json });

    async function connect(name: string) {
      const person = await world().signIn(name, "openid profile email connected_accounts");
      const opened = await call(person.idToken, "POST", "/sessions", {
        refresh_token: person.refreshToken,
      });
      return { ...person, session: String(opened.body.session.token) };
    }

    test("fills in what the ID token lacks, by ID token and by session alike, and keeps it", async () => {
      for (const kind of ["idToken", "session"] as const) {
        const name = `Fresh ${kind}`;
        const person = await connect(name);
        const bearer = person[kind];
        expect((await call(bearer, "GET", "/me")).body.claims).not.toHaveProperty("email");
        const { status, body } = await call(bearer, "GET", "/me?fresh=true");
        const email = `fresh.${kind.toLowerCase()}@people.example`;
        expect([status, body.fresh.status]).toEqual([200, "ok"]);
        expect(body.claims).toMatchObject({
          name,
          email,
          connected_accounts: [{ type: "email", identifier: email }],
        });
        const { body: stored } = await call(bearer, "GET", "/me");
        expect({ ...stored, fresh: body.fresh }).toEqual(body);
      }
    });

    test("renews the access token on the way, as the user, and leaves attributes and If-Match alone", async () => {
      const { session } = await connect("Fresh Renewed");
      await call(session, "GET", "/me?fresh=true");
      const before = await world().refreshes();
      const patched = await call(session, "PATCH", "/me", { attributes: { a: 1 } });
      const { body, headers } = await call(session, "GET", "/me?fresh=true");
      expect([body.attributes, body.version]).toEqual([{ a: 1 }, patched.body.version]);
      expect(headers["etag"]).toBe(patched.headers["etag"]);
      expect(await world().refreshes()).toBe(before);
      const { body: connection } = await call(session, "GET", "/me/refresh-token");
      const history = connection.history as { by: string }[];
      expect(history.map(({ by }) => by)).toEqual(["POST /sessions", "POST /me/access-token"]);
    });

    test("without a connection, or with the provider down, it is the stored user and says so", async () => {
      const { session } = await connect("Fresh Down");
      await call(session, "DELETE", "/me/refresh-token");
      const stored = { status: "unavailable", at: null };
      expect((await call(session, "GET", "/me?fresh=true")).body.fresh).toEqual(stored);
      const other = await connect("Fresh Outage");
      await world().programme({ down: true });
      const { status, body } = await call(other.session, "GET", "/me?fresh=true");
      await world().programme({ reset: true });
      expect([status, body.fresh, body.claims.name]).toEqual([200, stored, "Fresh Outage"]);
    });

    test("is the only query that there is", async () => {
      const { session } = await connect("Fresh Query");
      for (const query of [
        "fresh=false",
        "fresh=TRUE",
        "fresh=true&x=1",
        "fresh",
        "fresh=true&fresh=true",
      ]) {
        expect((await call(session, "GET", `/me?${query}`)).status).toBe(400);
      }
      expect((await call(session, "PATCH", "/me?fresh=true", { attributes: {} })).status).toBe(400);
      expect((await call("junk", "GET", "/me?fresh=true")).status).toBe(401);
    });
  });
}
