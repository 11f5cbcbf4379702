import type { World } from "../world";

type Person = Awaited<ReturnType<World["signIn"]>>;

export function describeTwoUsers(world: () => World): void {
  describe("two users", () => {
    let alice: Person;
    let bob: Person;

    const call = (person: Person, method: string, path: string, json?: unknown) =>
      world().call({ method, path, bearer: person.idToken, json });

    beforeAll(async () => {
      [alice, bob] = [await world().signIn("Swap Alice"), await world().signIn("Swap Bob")];
      for (const person of [alice, bob]) {
        await call(person, "PUT", "/me");
        await call(person, "PUT", "/me/refresh-token", { refresh_token: person.refreshToken });
      }
    });

    test("S22: each route answers for the caller alone", async () => {
      const names = [await call(alice, "GET", "/me"), await call(bob, "GET", "/me")];
      expect(names.map(({ body }) => body.claims.name as string)).toEqual([
        "Swap Alice",
        "Swap Bob",
      ]);
      const subs = names.map(({ body }) => body.sub as string);
      const tokens = [
        await call(alice, "POST", "/me/access-token"),
        await call(bob, "POST", "/me/access-token"),
      ];
      const claims = tokens.map(({ body }) => subjectOf(body.access_token as string));
      expect(claims).toEqual(subs);
    });

    test("S22 S26: neither can hand in the other's refresh token, and nothing is changed by trying", async () => {
      const before = await world().items("refreshTokens");
      const answers = [
        await call(alice, "PUT", "/me/refresh-token", { refresh_token: bob.refreshToken }),
        await call(bob, "PUT", "/me/refresh-token", { refresh_token: alice.refreshToken }),
      ];
      expect(answers.map(({ status, body }) => [status, body.code as string])).toEqual([
        [400, "invalid_request"],
        [400, "invalid_request"],
      ]);
      expect(await world().items("refreshTokens")).toEqual(before);
    });

    test("S21: naming the other in query or body is refused, and reads and writes nothing", async () => {
      const { body } = await call(bob, "GET", "/me");
      const sub = encodeURIComponent(String(body.sub));
      const before = await world().items("users");
      const answers = [
        await call(alice, "GET", `/me?sub=${sub}`),
        await call(alice, "PUT", "/me", { sub: body.sub }),
        await call(alice, "POST", "/me/access-token", { sub: body.sub }),
        await call(alice, "GET", `/me/${sub}`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 404]);
      expect(answers.map(({ text }) => text).join()).not.toContain("Swap Bob");
      expect(await world().items("users")).toEqual(before);
    });

    test("S22: one disconnecting leaves the other connected", async () => {
      expect((await call(alice, "DELETE", "/me/refresh-token")).status).toBe(204);
      expect((await call(alice, "POST", "/me/access-token")).status).toBe(409);
      expect((await call(bob, "POST", "/me/access-token")).status).toBe(200);
    });

    test("S27: no answer of any route holds a refresh token, a ciphertext or the client secret", async () => {
      const items = await world().items("refreshTokens");
      const ciphertexts = items.flatMap(({ refreshToken, accessToken }) =>
        [refreshToken, accessToken].flatMap((sealed) => {
          const { ciphertext } = (sealed ?? {}) as { ciphertext?: Uint8Array };
          return ciphertext === undefined ? [] : [Buffer.from(ciphertext).toString("base64")];
        }),
      );
      const secrets = [bob.refreshToken, world().stack.outputs.clientSecret, ...ciphertexts];
      const answers = await Promise.all([
        call(bob, "PUT", "/me"),
        call(bob, "GET", "/me"),
        call(bob, "GET", "/me/refresh-token"),
        call(bob, "POST", "/me/access-token"),
        call(bob, "PUT", "/me/refresh-token", { refresh_token: bob.refreshToken }),
        call(bob, "GET", "/health"),
      ]);
      expect(ciphertexts.length).toBeGreaterThan(0);
      for (const { status, text, headers } of answers) {
        expect(status).toBe(200);
        const said = text + JSON.stringify(headers);
        expect(secrets.filter((secret) => said.includes(secret.slice(-40)))).toEqual([]);
      }
    });
  });
}

function subjectOf(jwt: string): string {
  const [, payload = ""] = jwt.split(".");
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { sub: string }).sub;
}
