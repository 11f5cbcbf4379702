import { createHttpClient } from "../../../lambda/platform/http-client";
import { findProvider, type OutsideChoice } from "../../../local/provider/outside";
import { json, type ProviderServer, startProviderServer } from "../../support/provider-server";

let provider: ProviderServer;

beforeEach(async () => {
  provider = await startProviderServer("/realms/x");
});

afterEach(async () => {
  await provider.close();
});

const find = async (choice: Partial<OutsideChoice> = {}) =>
  await findProvider({ issuer: provider.issuer, clientId: "app", ...choice }, createHttpClient());

test("the stage gets what the documents say, and nothing that they don't", async () => {
  const { issuer } = provider;
  provider.say({ userinfo_endpoint: undefined, revocation_endpoint: undefined });
  const { idp, title, authorizationEndpoint, frontend } = (await find()).provider;
  expect(idp).toMatchObject({
    profile: "oidc",
    issuer,
    clientId: "app",
    tokenEndpoint: `${issuer}/token`,
    idTokenSigningAlgs: ["ES256"],
  });
  expect(idp).not.toHaveProperty("userinfoEndpoint");
  expect(idp).not.toHaveProperty("revocationEndpoint");
  expect([title, authorizationEndpoint]).toEqual([new URL(issuer).host, `${issuer}/authorize`]);
  expect(frontend).toMatchObject({ pkce: true, nonce: true });
});

test("a preset gives its habits, scopes and name; a wrong issuer for it is never asked", async () => {
  const { idp, title, frontend } = (await find({ preset: "keycloak" })).provider;
  expect(idp).toMatchObject({ refreshTokenRotation: "grace" });
  expect([title, frontend.scope]).toEqual(["Keycloak", "openid profile email offline_access"]);

  const asked = provider.requests.length;
  await expect(find({ preset: "google" })).rejects.toThrow(/^--issuer is no issuer of Google/);
  expect(provider.requests).toHaveLength(asked);
});

test("what only the owner knows has to be said, by its flag", async () => {
  const root = await startProviderServer();
  const choice = { issuer: root.issuer, preset: "zitadel" } as const;
  await expect(find(choice)).rejects.toThrow(/^--trusted-audience is missing for ZITADEL/);
  const { provider: found } = await find({ ...choice, trustedAudiences: ["4711"] });
  expect(found.idp.trustedAudiences).toEqual(["4711"]);
  await root.close();
});

test.each<[string, (server: ProviderServer) => void, RegExp]>([
  [
    "redirects",
    (server) => {
      server.answer("/.well-known/openid-configuration", (response) => {
        response.writeHead(302, { location: "https://elsewhere.example" }).end();
      });
    },
    /^the provider's discovery document redirects/,
  ],
  [
    "answers HTML",
    (server) => {
      server.answer("/.well-known/openid-configuration", (response) => {
        response.setHeader("content-type", "text/html").end("<!doctype html>");
      });
    },
    /^the provider's discovery document is no JSON object/,
  ],
  [
    "has no refresh grant",
    (server) => {
      server.say({ grant_types_supported: ["authorization_code"] });
    },
    /^the provider does not list the grant type refresh_token$/,
  ],
  [
    "signs with algorithms that are not taken",
    (server) => {
      server.say({ id_token_signing_alg_values_supported: ["HS256"] });
    },
    /^the provider signs ID tokens only with algorithms/,
  ],
  [
    "names another issuer",
    (server) => {
      server.say({ issuer: "https://another.example" });
    },
    /^the discovery document names another issuer/,
  ],
  [
    "has an empty key set",
    (server) => {
      server.answer("/jwks", json({ keys: [] }));
    },
    /^the key set has no usable key/,
  ],
])("an issuer that %s is one sentence for the person at the terminal", async (_, spoil, words) => {
  spoil(provider);
  await expect(find()).rejects.toMatchObject({
    name: "LocalRunError",
    message: expect.stringMatching(words),
  });
});
