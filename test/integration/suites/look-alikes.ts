import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTestIssuer } from "../../support/tokens";
import type { World } from "../world";

/** F11: what other providers sign with the keys of their ID tokens. */
const OTHER_KINDS: Readonly<Record<string, object>> = {
  "a logout token": {
    events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    sid: "1",
  },
  "a token that says it is an access token": { token_use: "access" },
  "an application's own token": { idtyp: "app" },
  "a token that is bound to a key": { cnf: { jkt: "thumbprint" } },
};

/**
 * Validly signed by the provider's own key: only what is inside tells them from the caller's ID
 * token.
 */
export function describeLookAlikes(world: () => World): void {
  describe("S13: what looks like the caller's ID token and is not", () => {
    const tokens = new Map<string, string>();

    beforeAll(async () => {
      const { idToken, accessToken, refreshToken } = await world().signIn("Look Alike");
      tokens.set("a Rollup ID refresh token", refreshToken);
      tokens.set("a Rollup ID access token", accessToken);
      tokens.set("an ID token for another client", await forAnotherClient(world(), idToken));
      for (const [kind, claims] of Object.entries(OTHER_KINDS)) {
        tokens.set(kind, await resign(world(), idToken, claims));
      }
    });

    test.each([
      "a Rollup ID refresh token",
      "a Rollup ID access token",
      "an ID token for another client",
      ...Object.keys(OTHER_KINDS),
    ])("%s is refused on every route, the same way, and reaches nothing", async (kind) => {
      const bearer = tokens.get(kind)!;
      const keys = world().stack.deployment.routes.map(({ key }) => key);
      const guarded = keys.filter((key) => /\/(?:me|sessions)/.test(key));
      expect(guarded.length).toBeGreaterThanOrEqual(12);
      world().takeAwsCalls();
      for (const key of guarded) {
        const [method = "", path = ""] = key.split(" ");
        const answer = await world().call({ method, path, bearer });
        expect([key, answer.status, answer.body.code]).toEqual([key, 401, "invalid_token"]);
        expect(answer.headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
        expect({ ...answer.body, instance: "" }).toEqual(await anyRefusal(world()));
      }
      expect(world().takeAwsCalls()).toEqual({});
    });

    test("the same token for our own client is believed: the refusals are about the audience", async () => {
      const { idToken } = await world().signIn("Look Alike");
      const resigned = await resign(world(), idToken, {});
      const answer = await world().call({ method: "PUT", path: "/me", bearer: resigned });
      expect([200, 201]).toContain(answer.status);
    });
  });
}

async function anyRefusal(world: World): Promise<unknown> {
  const answer = await world.call({ method: "GET", path: "/me" });
  return { ...answer.body, instance: "" };
}

async function forAnotherClient(world: World, idToken: string): Promise<string> {
  return await resign(world, idToken, { aud: ["0123456789abcdef0123456789abcdef"] });
}

/** The provider's own key signs the claims of the token again, some of them changed. */
async function resign(world: World, token: string, changes: object): Promise<string> {
  const [header = "", payload = ""] = token.split(".");
  const read = (part: string) =>
    JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
  const file = join(world.stack.dataFolder, "rollup-id", "rollup-id.json");
  const state = JSON.parse(await readFile(file, "utf8")) as { keys: Record<string, string>[] };
  const jwk = state.keys.find(({ kid }) => kid === read(header)["kid"])!;
  return createTestIssuer().sign(
    read(header),
    { ...read(payload), ...changes },
    {
      kid: jwk["kid"]!,
      alg: "ES256",
      privateKey: createPrivateKey({ key: jwk, format: "jwk" }),
      publicJwk: {},
    },
  );
}
