import type { World } from "../world";

const LIFETIME_SECONDS = 3;

export function describeMainJob(world: () => World): void {
  describe("the main job", () => {
    test("ID token in, user stored, refresh token sealed, access token out, and another one when it has run out", async () => {
      const { idToken, refreshToken } = await world().signIn("Main Job");
      const call = (method: string, path: string, json?: unknown) =>
        world().call({ method, path, bearer: idToken, json });

      const created = await call("PUT", "/me");
      expect([created.status, created.body.claims.name]).toEqual([201, "Main Job"]);
      expect((await call("PUT", "/me")).status).toBe(200);
      expect((await call("GET", "/me")).body.sub).toBe(created.body.sub);

      const stored = await call("PUT", "/me/refresh-token", { refresh_token: refreshToken });
      expect([stored.status < 300, stored.text.includes(refreshToken)]).toEqual([true, false]);

      await world().programme({ access_token_lifetime_seconds: LIFETIME_SECONDS });
      const first = await call("POST", "/me/access-token", { min_validity: 1 });
      expect(first.status).toBe(200);
      expect(first.body).toMatchObject({ token_type: "Bearer", scope: "openid profile" });
      await waitUntil(Date.parse(String(first.body.expires_at)));
      await world().programme({ reset: true });
      const second = await call("POST", "/me/access-token");
      expect(second.status).toBe(200);
      expect(second.body.access_token).not.toBe(first.body.access_token);
      expect(second.body.expires_in).toBeGreaterThan(3_500);
      const third = await call("POST", "/me/access-token");
      expect(third.body.access_token).toBe(second.body.access_token);

      const status = await call("GET", "/me/refresh-token");
      expect(status.body).toMatchObject({ status: "active", reason: null });
    });

    test("the access token is good at the provider", async () => {
      const { idToken, refreshToken } = await world().signIn("Good Token");
      const put = { method: "PUT", path: "/me/refresh-token", bearer: idToken };
      await world().call({ ...put, json: { refresh_token: refreshToken } });
      const answer = await world().call({
        method: "POST",
        path: "/me/access-token",
        bearer: idToken,
      });
      const userinfo = await fetch(`${world().stack.outputs.issuer}/userinfo`, {
        headers: { authorization: `Bearer ${String(answer.body.access_token)}` },
      });
      expect(await userinfo.json()).toMatchObject({ name: "Good Token" });
    });

    test("S30: a disconnected user has to sign in again, and the ciphertext is gone", async () => {
      const { idToken, refreshToken } = await world().signIn("Disconnected");
      const call = (method: string, path: string, json?: unknown) =>
        world().call({ method, path, bearer: idToken, json });
      await call("PUT", "/me/refresh-token", { refresh_token: refreshToken });
      await call("POST", "/me/access-token");
      expect((await call("DELETE", "/me/refresh-token")).status).toBe(204);
      const refused = await call("POST", "/me/access-token");
      expect([refused.status, refused.body.code, refused.body.action]).toEqual([
        409,
        "needs_sign_in",
        "sign_in",
      ]);
      const { sub } = JSON.parse(
        Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString("utf8"),
      ) as { sub: string };
      const items = await world().items("refreshTokens");
      const item = items.find((candidate) => candidate["sub"] === sub);
      expect(JSON.stringify(item)).not.toContain("ciphertext");
    });
  });
}

/** The real clock of the real functions: there is nothing to freeze here. */
async function waitUntil(time: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, time - Date.now()) + 50));
}
