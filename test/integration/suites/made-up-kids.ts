import { decodeProtectedHeader } from "jose";
import { encode } from "../../support/tokens";
import type { World } from "../world";

/** What anybody can send for nothing, and the provider's next rotation, on the real stack. */
export function describeMadeUpKids(world: () => World): void {
  describe("12.2: made-up kids", () => {
    const put = async (bearer: string) =>
      (await world().call({ method: "PUT", path: "/me", bearer })).status;

    test("S06 S09: do not delay the next key: a good token under it is believed at once", async () => {
      const { idToken } = await world().signIn("Kid Rotated");
      expect([200, 201]).toContain(await put(idToken));
      expect([401, 503]).toContain(await put(withKid(idToken, "junk")));
      await world().programme({ keys: "rotate" });
      const renewed = await world().signIn("Kid Rotated");
      expect(await put(renewed.idToken)).toBe(200);
    });

    test("S09: made up with care, they lose no sign-in by code", async () => {
      const { idToken } = await world().signIn("Kid Careful");
      const careful = withKid(idToken, String(Date.now() + 86_400_000));
      const path = "/sessions";
      const junk = await world().call({ method: "POST", path, bearer: careful, json: {} });
      expect([401, 503]).toContain(junk.status);
      await world().programme({ keys: "rotate" });
      const { redirectUri: redirect_uri } = world().stack.outputs;
      const json = { code: await world().authorize("Kid Careful"), redirect_uri };
      expect((await world().call({ method: "POST", path, json })).status).toBe(201);
    });
  });
}

function withKid(token: string, kid: string): string {
  const [, payload = "", signature = ""] = token.split(".");
  const header = JSON.stringify({ ...decodeProtectedHeader(token), kid });
  return [encode(header), payload, signature].join(".");
}
