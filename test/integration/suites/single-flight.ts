import type { World } from "../world";

const CALLERS = 200;

export function describeSingleFlight(world: () => World): void {
  describe("single flight", () => {
    test(`S44: ${CALLERS} callers at once over several function instances make one token request, and all are answered`, async () => {
      const { idToken, refreshToken } = await world().signIn("Crowd");
      const json = { refresh_token: refreshToken };
      await world().call({ method: "PUT", path: "/me/refresh-token", bearer: idToken, json });
      const before = await world().refreshes();
      const call = () =>
        world().call({ method: "POST", path: "/me/access-token", bearer: idToken });
      const answers = await Promise.all(Array.from({ length: CALLERS }, call));
      // Two wait for the exchange, and the others are sent away while it lasts; their next try is
      // served.
      const sentAway = answers.filter(({ status }) => status !== 200);
      for (const { status, body } of sentAway) {
        expect([status, body.code, body.retry_after]).toEqual([503, "temporarily_unavailable", 1]);
      }
      const served = answers.filter(({ status }) => status === 200);
      served.push(...(await Promise.all(sentAway.map(call))));
      expect(served.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(served.map(({ body }) => String(body.access_token))).size).toBe(1);
      expect((await world().refreshes()) - before).toBe(1);
      const { pools } = world().stack.functions;
      expect(pools.get("AccessToken")?.counts().alive).toBeGreaterThan(1);
    });

    test("S25: 50 first logins at once make one user", async () => {
      const { idToken } = await world().signIn("First Login");
      const before = (await world().items("users")).length;
      const answers = await Promise.all(
        Array.from({ length: 50 }, () =>
          world().call({ method: "PUT", path: "/me", bearer: idToken }),
        ),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
      expect((await world().items("users")).length - before).toBe(1);
    });
  });
}
