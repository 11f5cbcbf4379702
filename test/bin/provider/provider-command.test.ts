import { readdirSync } from "node:fs";
import { resolveIdp } from "../../../lib/provider/resolve";
import { createProviderDesk, type ProviderDesk } from "../../support/provider-desk";
import { type ProviderServer, startProviderServer } from "../../support/provider-server";
import { NOW } from "../../support/tokens";
import { createTestClock } from "../../support/users-api";

let desk: ProviderDesk;
let provider: ProviderServer;

beforeEach(() => {
  desk = createProviderDesk();
});

afterEach(async () => {
  desk.close();
  await provider.close();
});

/** As Keycloak 26 describes itself. */
async function startKeycloak(): Promise<ProviderServer> {
  const server = await startProviderServer("/realms/x");
  const at = `${server.issuer}/protocol/openid-connect`;
  server.say({
    authorization_endpoint: `${at}/auth`,
    token_endpoint: `${at}/token`,
    userinfo_endpoint: `${at}/userinfo`,
    revocation_endpoint: `${at}/revoke`,
    end_session_endpoint: `${at}/logout`,
    id_token_encryption_alg_values_supported: ["RSA-OAEP"],
  });
  return server;
}

test("a Keycloak: block, frontend, values, limits, and what to do next", async () => {
  provider = await startKeycloak();
  provider.say({ jwks_uri: `${provider.issuer.replace("/realms/x", "")}/jwks` });
  const { code, out, err } = await desk.run([
    provider.issuer,
    "--preset",
    "keycloak",
    "--client-id",
    "app",
  ]);
  expect([code, err]).toEqual([0, ""]);
  const shown = out.replaceAll(provider.issuer, "https://ISSUER").split("\n");
  expect(shown).toEqual(
    expect.arrayContaining([
      "Keycloak",
      "In the stage file:",
      '  idp: { preset: "keycloak", issuer: "https://ISSUER", clientId: "app" },',
      "In the frontend:",
      '    authorizationEndpoint: "https://ISSUER/protocol/openid-connect/auth",',
      '    scope: "openid profile email offline_access",',
      "    pkce: true,",
      "  tokenEndpoint             found    https://ISSUER/protocol/openid-connect/token",
      "  refreshTokenRotation      preset   grace",
      "  clockToleranceSeconds     assumed  60; if wrong: tokens of a clock that is further ahead are refused (invalid_lifetime)",
      "  - Read encrypted ID tokens: this product has no key for them, so leave their encryption off for this client.",
      "Run it again with --write, which records the endpoints in lib/stages/providers.json.",
    ]),
  );
  expect(desk.recorded()).toBe("{}\n");
});

test("--write records what the stage then resolves to, sorted, and the same each time", async () => {
  provider = await startKeycloak();
  const other = await startProviderServer("/a");
  for (const issuer of [provider.issuer, other.issuer]) {
    expect((await desk.run([issuer, "--write"])).code).toBe(0);
  }
  await other.close();
  const text = desk.recorded();
  const recorded = desk.records();
  expect(Object.keys(recorded)).toEqual([provider.issuer, other.issuer].sort());
  expect(recorded[provider.issuer]?.read).toBe(new Date(NOW).toISOString().slice(0, 10));
  const { jwksUri } = resolveIdp({ issuer: provider.issuer, clientId: "app" }, recorded);
  expect(jwksUri).toBe(recorded[provider.issuer]?.settings.jwksUri);
  expect(readdirSync(desk.folder)).toEqual(["providers.json"]);

  await desk.run([provider.issuer, "--write"]);
  expect(desk.recorded()).toBe(text);
});

test("a preset is guessed by issuer and endpoints, and --preset wins", async () => {
  provider = await startKeycloak();
  expect((await desk.json(provider.issuer)).report.stage.preset).toBe("oidc");
  // Its key set is where Keycloak's is.
  provider.say({ jwks_uri: `${provider.issuer}/protocol/openid-connect/certs` });
  provider.answer("/jwks", (response) => response.writeHead(500).end());
  const at = "/realms/x/protocol/openid-connect/certs";
  provider.serveKeysAt(at);
  expect((await desk.json(provider.issuer)).report.stage.preset).toBe("keycloak");
  const named = await desk.json(provider.issuer, "--preset", "oidc");
  expect(named.report.stage.preset).toBe("oidc");
});

test("--check: 0 with notes, 1 where something breaks, and nothing is written", async () => {
  provider = await startProviderServer();
  await desk.run([provider.issuer, "--write"]);
  const recorded = desk.recorded();
  const idp = { issuer: provider.issuer, clientId: "app" };
  desk.stages.set("dev", resolveIdp(idp, desk.records()));
  const good = await desk.run(["--check"]);
  expect(good).toEqual({
    code: 0,
    out: "note    how refresh tokens rotate is in no document; the stage says strict: compare it with this client's settings at the provider\n",
    err: "",
  });
  provider.say({ token_endpoint: `${provider.issuer}/moved` });
  const { code, out } = await desk.run(["--check", "--stage", "dev"]);
  expect(code).toBe(1);
  expect(out.split("\n")[0]).toBe(
    `BREAKS  tokenEndpoint has moved to ${provider.issuer}/moved: run rollup-vault provider with --write, review the change, deploy`,
  );
  expect(desk.recorded()).toBe(recorded);
});

test("--check of a provider that is not there any more, or of no stage, fails in one sentence", async () => {
  provider = await startProviderServer();
  await desk.run([provider.issuer, "--write"]);
  const idp = { issuer: provider.issuer, clientId: "app" };
  desk.stages.set("dev", resolveIdp(idp, desk.records()));
  provider.say({ issuer: "https://elsewhere.example" });
  expect((await desk.run(["--check"])).err).toMatch(/^the discovery document names another issuer/);
  expect(await desk.run(["--check", "--stage", "prod"])).toEqual({
    code: 1,
    out: "",
    err: 'there is no stage "prod"\n',
  });
  expect((await desk.run(["https://x.example", "--check"])).err).toBe(
    "--check reads the issuer of the stage: leave the other one out\n",
  );
});

test("--token judges by the stage, or by the provider that is named", async () => {
  provider = await startProviderServer();
  const clock = createTestClock();
  const token = provider.keys.idToken({ claims: { iss: provider.issuer, aud: "app" } });
  const named = await desk.run(
    [provider.issuer, "--client-id", "app", "--token", "-"],
    `${token}\n`,
  );
  expect([named.code, named.err]).toEqual([0, ""]);
  expect(named.out).toContain("As a bearer:           accepted\n");

  await desk.run([provider.issuer, "--write"]);
  const idp = { issuer: provider.issuer, clientId: "other" };
  desk.stages.set("dev", resolveIdp(idp, desk.records()));
  const staged = await desk.run(["--token", "-", "--json"], token);
  expect(staged.code).toBe(1);
  expect(JSON.parse(staged.out)).toMatchObject({ as_bearer: "invalid_audience" });
  clock.restore();
});

test.each([
  [[], "", "there is no token on standard input\n"],
  [
    ["https://x.example"],
    "t",
    "--token with an issuer needs --client-id: the token has to be for it\n",
  ],
])("--token with %j and %j is told what is missing", async (args, input, sentence) => {
  provider = await startProviderServer();
  desk.stages.set("dev", resolveIdp({ issuer: "https://passport.rollup.id", clientId: "a" }, {}));
  const run = await desk.run([...args, "--token", "-"], input);
  expect(run).toEqual({ code: 1, out: "", err: sentence });
});
