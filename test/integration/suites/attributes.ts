import type { World } from "../world";

export function describeAttributes(world: () => World): void {
  describe("PATCH /me", () => {
    async function signedIn(name: string) {
      const { idToken: bearer } = await world().signIn(name);
      await world().call({ method: "PUT", path: "/me", bearer });
      return {
        get: () => world().call({ method: "GET", path: "/me", bearer }),
        patch: (attributes: unknown, headers: readonly string[] = []) =>
          world().call({ method: "PATCH", path: "/me", bearer, json: { attributes }, headers }),
        raw: (json: unknown) => world().call({ method: "PATCH", path: "/me", bearer, json }),
      };
    }

    test("merges the app's own data as RFC 7396 says, and leaves the claims alone", async () => {
      const user = await signedIn("Patch");
      await user.patch({ a: 1, b: { c: [1, 2], d: "x" }, claims: "mine" });
      const { status, body } = await user.patch({ a: null, b: { d: null, e: true } });
      expect(status).toBe(200);
      expect(body.attributes).toEqual({ b: { c: [1, 2], e: true }, claims: "mine" });
      expect(body.claims.name).toBe("Patch");
      expect((await user.get()).body).toEqual(body);
    });

    test("honours If-Match: the version that was read is taken, an older one is 412 and changes nothing", async () => {
      const user = await signedIn("If Match");
      const read = await user.get();
      const etag = String(read.headers["etag"]);
      expect(etag).toBe(`"${String(read.body.version)}"`);
      const first = await user.patch({ n: 1 }, ["if-match", etag]);
      expect([first.status, first.headers["etag"]]).toEqual([200, '"2"']);
      const second = await user.patch({ n: 2 }, ["if-match", etag]);
      expect([second.status, second.body.code]).toEqual([412, "precondition_failed"]);
      expect((await user.patch({ n: 3 }, ["if-match", "*"])).status).toBe(200);
      expect((await user.patch({ n: 4 }, ["if-match", "W/x"])).status).toBe(412);
      expect((await user.get()).body.attributes).toEqual({ n: 3 });
    });

    test("six at once all come through", async () => {
      const user = await signedIn("At Once");
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, n) => user.patch({ [`k${String(n)}`]: n })),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 200));
      expect(Object.keys((await user.get()).body.attributes as object)).toHaveLength(6);
    });

    test("S23: claims, unknown members and what cannot be kept exactly are refused, and nothing is changed", async () => {
      const user = await signedIn("Refused");
      const deep = JSON.parse(`${'{"x":'.repeat(9)}1${"}".repeat(9)}`) as unknown;
      const answers = [
        await user.raw({ claims: { name: "Eve" } }),
        await user.raw({ attributes: {}, sub: "x" }),
        await user.raw({ attributes: [] }),
        await user.raw({}),
        await user.patch(deep),
        await user.patch({ "": 1 }),
        await user.patch({ n: 2 ** 60 }),
        await user.patch({ n: 1e300 }),
      ];
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
      expect((await user.patch({ big: "x".repeat(8_200) })).status).toBe(413);
      expect((await user.get()).body).toMatchObject({ attributes: {}, version: 1 });
    });

    test("before the first PUT /me there is nothing to patch", async () => {
      const { idToken: bearer } = await world().signIn("Nobody Yet");
      const call = { method: "PATCH", path: "/me", bearer, json: { attributes: {} } };
      expect((await world().call(call)).status).toBe(404);
    });
  });
}
