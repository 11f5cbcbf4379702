/** What each played provider issues, before the verifier with the settings of its preset. */
import { type OidcClient, startClient } from "@rollup-vault/local-oidc/testing/world";
import { createIdTokenVerifier } from "../../lambda/auth/id-token-verifier";
import { createKeySet } from "../../lambda/auth/key-set";
import { createIdentity } from "../../lambda/idp/identity";
import { systemClock } from "../../lambda/platform/clock";
import { createHttpClient } from "../../lambda/platform/http-client";
import { PRESET_NAMES } from "../../lib/provider/preset";
import { presetOf } from "../../lib/provider/resolve";
import { habitsOf, playedSettings } from "../../local/provider/played";

jest.setTimeout(240_000);

let client: OidcClient | undefined;

afterEach(async () => {
  await client?.server.close();
});

const others = PRESET_NAMES.filter((name) => name !== "rollup");

test.each(others)(
  "%s: the ID token is accepted, and no access token passes for one",
  async (name) => {
    const preset = presetOf(name);
    const habits = habitsOf(preset);
    client = await startClient(habits);
    const { scopes, parameters } = preset.authorization;
    const { status, body } = await client.signIn("Ada Lovelace", {
      ...parameters,
      scope: scopes.join(" "),
    });
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ refresh_token: expect.any(String) }),
    ]);
    const settings = playedSettings(preset, client.server);
    const http = createHttpClient();
    const keySet = createKeySet({
      jwksUri: settings.jwksUri,
      algs: settings.idTokenSigningAlgs,
      http,
      clock: systemClock,
      timeoutMs: 5_000,
    });
    const identity = createIdentity(settings);
    const verifier = createIdTokenVerifier({ settings, identity, keySet, clock: systemClock });
    const idToken = String(body["id_token"]);
    await expect(verifier.verifyExchanged(idToken)).resolves.toMatchObject({ nonce: "n" });
    await expect(verifier.verify(idToken)).resolves.toBeDefined();
    await expect(verifier.verify(String(body["access_token"]))).rejects.toThrow();

    const refreshed = await client.refresh(body["refresh_token"]);
    expect(refreshed.status).toBe(200);
    const { idToken: bringsIdToken } = habits.refreshBrings;
    expect(typeof refreshed.body["id_token"]).toBe(bringsIdToken ? "string" : "undefined");
    const isRotating = settings.refreshTokenRotation !== "none";
    expect(refreshed.body["refresh_token"] !== body["refresh_token"]).toBe(isRotating);
    expect(await client.refresh("no token")).toEqual(habits.deadGrant);
  },
);
