import type { RecordedProviders } from "../../../lib/provider/recorded";
import { presetOf, resolveIdp, type StageIdp } from "../../../lib/provider/resolve";
import { assertStage, type StageConfig } from "../../../lib/stage";
import { dev } from "../../../lib/stages/dev";

const clientId = "client";
const OP = "https://op.example.com";
const RECORDED: RecordedProviders = {
  [OP]: {
    read: "2026-11-29",
    settings: {
      jwksUri: `${OP}/found/keys`,
      tokenEndpoint: `${OP}/found/token`,
      idTokenSigningAlgs: ["ES256"],
      clientAuthentication: "client_secret_post",
    },
    authorizationEndpoint: `${OP}/found/authorize`,
  },
};
/** As wrong as a stage file can be: `cdk synth` runs it without a type check. */
const resolve = (idp: object, recorded = RECORDED) => resolveIdp(idp as StageIdp, recorded);

test("a block with `profile` is deployed as it stands", () => {
  const whole: StageIdp = {
    profile: "oidc",
    issuer: OP,
    clientId,
    jwksUri: `${OP}/own/keys`,
    tokenEndpoint: `${OP}/own/token`,
    idTokenSigningAlgs: ["PS256"],
  };
  expect(resolve(whole)).toBe(whole);
  const said = { ...whole, preset: undefined };
  expect(resolve(said)).toBe(said);
});

test("Rollup ID's issuer means Rollup ID, and the stage that is deployed is what it was", () => {
  const expected = {
    profile: "rollup",
    issuer: "https://passport.rollup.id",
    clientId,
    jwksUri: "https://passport.rollup.id/.well-known/jwks.json",
    tokenEndpoint: "https://passport.rollup.id/token",
    userinfoEndpoint: "https://passport.rollup.id/userinfo",
    idTokenSigningAlgs: ["ES256"],
  };
  const { issuer } = expected;
  expect(JSON.stringify(resolve({ issuer, clientId }))).toBe(JSON.stringify(expected));
  expect(JSON.stringify(resolve({ preset: "rollup", issuer, clientId }))).toBe(
    JSON.stringify(expected),
  );
});

test("two lines are enough for a provider that the command has read", () => {
  expect(resolve({ issuer: OP, clientId })).toEqual({
    profile: "oidc",
    issuer: OP,
    clientId,
    refreshTokenParameters: { scope: "offline_access" },
    jwksUri: `${OP}/found/keys`,
    tokenEndpoint: `${OP}/found/token`,
    idTokenSigningAlgs: ["ES256"],
    clientAuthentication: "client_secret_post",
  });
});

describe("what is said twice", () => {
  const issuer = "https://your-tenant.eu.auth0.com/";
  const recorded = { [issuer]: RECORDED[OP]! };

  test("is the stage's", () => {
    const own = {
      tokenEndpoint: "https://login.example/oauth/token",
      refreshTokenRotation: "strict",
      idTokenSigningAlgs: ["PS256"],
      clientAuthentication: "client_secret_basic",
    };
    expect(resolve({ preset: "auth0", issuer, clientId, ...own }, recorded)).toMatchObject(own);
  });

  test("or else what the provider said of itself, with the preset's habits", () => {
    const settings = resolve({ preset: "auth0", issuer, clientId }, recorded);
    expect(settings).toMatchObject({
      jwksUri: `${OP}/found/keys`,
      idTokenSigningAlgs: ["ES256"],
      refreshTokenRotation: "none",
    });
    // It lists none, so there is none, whatever the preset thinks.
    expect(settings).not.toHaveProperty("revocationEndpoint");
  });

  test("or else the preset's", () => {
    expect(resolve({ preset: "auth0", issuer, clientId }, {})).toMatchObject({
      jwksUri: "https://your-tenant.eu.auth0.com/.well-known/jwks.json",
      tokenEndpoint: "https://your-tenant.eu.auth0.com/oauth/token",
      revocationEndpoint: "https://your-tenant.eu.auth0.com/oauth/revoke",
      idTokenSigningAlgs: ["RS256"],
    });
  });

  test("a member that is undefined is left out", () => {
    const settings = resolve({ preset: "auth0", issuer, clientId, jwksUri: undefined }, {});
    expect(settings.jwksUri).toContain("auth0.com");
  });

  test("Rollup ID keeps its algorithm and its client authentication", () => {
    const rollup = { preset: "rollup", issuer: OP, clientId };
    expect(resolve(rollup)).toEqual({
      profile: "rollup",
      issuer: OP,
      clientId,
      jwksUri: `${OP}/found/keys`,
      tokenEndpoint: `${OP}/found/token`,
      idTokenSigningAlgs: ["ES256"],
    });
  });
});

test.each([
  ["https://your-org.okta.com", "https://your-org.okta.com/oauth2/v1/token"],
  ["https://your-org.okta.com/oauth2/default", "https://your-org.okta.com/oauth2/default/v1/token"],
])("both kinds of Okta's authorization servers: %s", (issuer, tokenEndpoint) => {
  expect(resolve({ preset: "okta", issuer, clientId })).toMatchObject({ tokenEndpoint });
});

describe("a stage that cannot be resolved fails with one sentence", () => {
  const tenant = presetOf("entra").issuer.example;

  test.each<[object, string]>([
    [
      { issuer: "https://new.example.com", clientId },
      "npx rollup-vault provider https://new.example.com --write",
    ],
    [
      { preset: "cognito", issuer: presetOf("cognito").issuer.example, clientId },
      'stage file: "idp.tokenEndpoint" of https://cognito-idp',
    ],
    [
      { preset: "entra", issuer: "https://login.microsoftonline.com/{tenantid}/v2.0", clientId },
      tenant,
    ],
    [
      { preset: "entra", issuer: "https://login.microsoftonline.com/{tenantid}/v2.0", clientId },
      "one stage has one tenant",
    ],
    [
      { preset: "entra", issuer: "https://login.microsoftonline.com/common/v2.0", clientId },
      "are no issuers",
    ],
    [
      { preset: "entra", issuer: "https://login.microsoftonline.com/organizations/v2.0", clientId },
      "are no issuers",
    ],
    [
      {
        preset: "entra",
        issuer: "https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0",
        clientId,
      },
      "not by its domain",
    ],
    [{ preset: "entra", issuer: `${tenant}/`, clientId }, `write it like ${tenant}`],
    [
      {
        preset: "entra-external",
        issuer: "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0",
        clientId,
      },
      "also in the host",
    ],
    [
      { preset: "auth0", issuer: "https://your-tenant.eu.auth0.com", clientId },
      "ends with a slash",
    ],
    [{ preset: "google", issuer: "accounts.google.com", clientId }, "the older spelling"],
    [
      { preset: "zitadel", issuer: "https://x.zitadel.cloud", clientId },
      '"idp.trustedAudiences" is missing',
    ],
    [
      { preset: "apple", issuer: "https://appleid.apple.com", clientId },
      '"idp.clientSigning" is missing',
    ],
    [{ preset: "auth1", issuer: OP, clientId }, '"idp.preset" must be one of rollup, auth0'],
    [{ preset: "__proto__", issuer: OP, clientId }, '"idp.preset" must be one of'],
    [
      { preset: "auth0", profile: "oidc", issuer: OP, clientId },
      '"idp.profile" comes from the preset',
    ],
    [{ preset: "auth0", clientId }, '"idp.issuer" must be like https://your-tenant.eu.auth0.com/'],
  ])("%j: %s", (idp, words) => {
    const failing = () => assertStage({ ...dev, idp } as StageConfig, RECORDED);
    expect(failing).toThrow(words);
    expect(failing).toThrow(/^stage file: "idp\.\w+" [^\n]+$/);
  });

  test("what is resolved is checked like every other block", () => {
    const idp = { issuer: OP, clientId: "two words" };
    expect(() => assertStage({ ...dev, idp }, RECORDED)).toThrow('"idp.clientId" must be');
    const broken = {
      [OP]: { ...RECORDED[OP]!, settings: { ...RECORDED[OP]!.settings, jwksUri: "x" } },
    };
    expect(() => assertStage({ ...dev, idp: { issuer: OP, clientId } }, broken)).toThrow(
      '"idp.jwksUri" must be',
    );
  });
});
