import type { World } from "../world";

type Json = Readonly<Record<string, unknown>>;

/** A body that each route takes; the others take none. */
const BODIES: Readonly<Record<string, (own: Account) => Json>> = {
  "PATCH /me": () => ({ attributes: { by: "alice" } }),
  "PUT /me/refresh-token": ({ refreshToken }) => ({ refresh_token: refreshToken }),
  "POST /me/access-token": () => ({ min_validity: 60 }),
  "POST /sessions": ({ refreshToken }) => ({ refresh_token: refreshToken }),
  "PUT /me": () => ({}),
};
const NOT_A_USERS = ["$default", "GET /health", "GET /openapi.json", "POST /service/access-token"];
const NEEDS_ID_TOKEN = ["PUT /me", "POST /sessions"];

interface Account {
  readonly idToken: string;
  readonly refreshToken: string;
  readonly session: string;
  readonly sessionId: string;
  readonly sub: string;
}

/** Every route of the template, every place in a request, every identifier of somebody else. */
export function describeSwapMatrix(world: () => World): void {
  describe("S21 S22: the two-user matrix", () => {
    let bob: Account;

    async function open(name: string): Promise<Account> {
      const person = await world().signIn(name);
      const { body } = await world().call({
        method: "POST",
        path: "/sessions",
        bearer: person.idToken,
        json: { refresh_token: person.refreshToken },
      });
      const { token, id } = body.session as { token: string; id: string };
      return { ...person, session: token, sessionId: id, sub: String(body.user.sub) };
    }

    async function rowsOf(sub: string) {
      const tables = ["users", "refreshTokens", "sessions"] as const;
      const all = await Promise.all(tables.map((table) => world().items(table)));
      return all.map((items) => items.filter((item) => item["sub"] === sub));
    }

    beforeAll(async () => {
      bob = await open("Matrix Bob");
      const session = { bearer: bob.session };
      await world().call({ ...session, method: "POST", path: "/me/access-token" });
      const json = { attributes: { diary: "matrix-bobs-diary" } };
      await world().call({ ...session, method: "PATCH", path: "/me", json });
    });

    /**
     * Where the other's identifiers may be put; what each gives goes over a request that is right
     * by itself.
     */
    const placements: Readonly<Record<string, (path: string, body: Json | undefined) => Json>> = {
      "the query": (path) => ({ path: `${path}?sub=${encodeURIComponent(bob.sub)}` }),
      "the query, as an id": (path) => ({ path: `${path}?user_id=${bob.sessionId}` }),
      "the body, as sub": (_, body) => ({ json: { ...body, sub: bob.sub } }),
      "the body, as user": (_, body) => ({ json: { ...body, user: { sub: bob.sub } } }),
      "the path": (path) => ({ path: `${path}/${encodeURIComponent(bob.sub)}` }),
      "a header": () => ({ headers: ["x-user-id", bob.sub, "x-amz-user-arn", bob.sub] }),
      "a cookie": () => ({ headers: ["cookie", `__Host-session=${bob.session}`] }),
      "the refresh token": (_, body) =>
        body?.["refresh_token"] === undefined ? {} : { json: { refresh_token: bob.refreshToken } },
      nowhere: () => ({}),
    };

    test("no request of one reads or writes anything of the other", async () => {
      const routes = world()
        .stack.deployment.routes.map(({ key }) => key)
        .filter((key) => !NOT_A_USERS.includes(key));
      expect(routes.length).toBeGreaterThan(12);
      const before = await rowsOf(bob.sub);
      let requests = 0;
      for (const key of routes) {
        for (const [where, place] of Object.entries(placements)) {
          const alice = await open(`Matrix Alice ${key} ${where}`);
          const [method = "", pattern = ""] = key.split(" ");
          const path = pattern.replace("{id}", bob.sessionId);
          const body = BODIES[key]?.(alice);
          for (const bearer of [alice.idToken, alice.session]) {
            const request = { method, path, bearer, ...(body && { json: body }) };
            const answer = await world().call({ ...request, ...place(path, body) });
            const said = answer.text + JSON.stringify(answer.headers);
            const isOwn = bearer === alice.idToken || !NEEDS_ID_TOKEN.includes(key);
            expect([key, where, [...leaksOf(bob, said)]]).toEqual([key, where, []]);
            expect([key, where, isOwn || answer.status >= 400]).toEqual([key, where, true]);
            requests += 1;
          }
        }
        expect([key, await rowsOf(bob.sub)]).toEqual([key, before]);
      }
      expect(requests).toBe(routes.length * Object.keys(placements).length * 2);
      const { status, body } = await world().call({
        method: "GET",
        path: "/me",
        bearer: bob.session,
      });
      expect([status, body.attributes]).toEqual([200, { diary: "matrix-bobs-diary" }]);
    });
  });
}

function* leaksOf(person: Account, text: string): Generator<string> {
  for (const [name, value] of Object.entries(person) as [string, string][]) {
    if (text.includes(value.slice(-32))) {
      yield name;
    }
  }
  for (const word of ["Matrix Bob", "matrix-bobs-diary"]) {
    if (text.includes(word)) {
      yield word;
    }
  }
}
