import type { Discovery } from "../../../lib/provider/discovery";
import { judgeProvider, type ProviderFact } from "../../../lib/provider/judge";
import type { PresetName } from "../../../lib/provider/preset";
import { needsRecord, stageBlock, stageIdpOf } from "../../../lib/provider/propose";
import { ProviderError } from "../../../lib/provider/provider-error";
import { presetOf, resolveIdp } from "../../../lib/provider/resolve";
import { EC, found, RSA, terse } from "./found";

const judge = (provider: Discovery, preset: PresetName = "oidc") =>
  judgeProvider(provider, presetOf(preset));

function problemOf(provider: Discovery): string | undefined {
  try {
    judge(provider);
    return undefined;
  } catch (error) {
    return error instanceof ProviderError ? error.problem : "bug";
  }
}

const fact = (facts: readonly ProviderFact[], name: string) =>
  facts.find((each) => each.name === name);

test("what a provider says becomes what a stage with this record resolves to", () => {
  const { recorded } = judge(found());
  const idp = stageIdpOf(presetOf("oidc"), "https://op.example", "app");
  expect(resolveIdp(idp, { "https://op.example": { ...recorded, read: "2026-11-29" } })).toEqual({
    profile: "oidc",
    issuer: "https://op.example",
    clientId: "app",
    refreshTokenParameters: { scope: "offline_access" },
    jwksUri: "https://op.example/keys",
    tokenEndpoint: "https://op.example/token",
    userinfoEndpoint: "https://op.example/userinfo",
    revocationEndpoint: "https://op.example/revoke",
    idTokenSigningAlgs: ["RS256"],
    clientAuthentication: "client_secret_basic",
  });
});

test.each<[string, Discovery, PresetName, string, ProviderFact["from"], unknown]>([
  ["an endpoint", found(), "oidc", "tokenEndpoint", "provider", "https://op.example/token"],
  ["an algorithm", found(), "oidc", "idTokenSigningAlgs", "provider", ["RS256"]],
  [
    "no algorithm",
    found({ idTokenAlgs: undefined }),
    "oidc",
    "idTokenSigningAlgs",
    "assumed",
    ["RS256"],
  ],
  ["a method", found(), "oidc", "clientAuthentication", "provider", "client_secret_basic"],
  [
    "the preset's method",
    found(),
    "auth0",
    "clientAuthentication",
    "provider",
    "client_secret_post",
  ],
  [
    "another method than the preset's",
    found({ clientAuthentications: ["client_secret_post"] }),
    "keycloak",
    "clientAuthentication",
    "provider",
    "client_secret_post",
  ],
  ["no method", terse(), "oidc", "clientAuthentication", "assumed", "client_secret_basic"],
  [
    "no method, and there is a preset",
    terse(),
    "auth0",
    "clientAuthentication",
    "preset",
    "client_secret_post",
  ],
  ["no rotation", found(), "oidc", "refreshTokenRotation", "assumed", "strict"],
  [
    "no rotation, and there is a preset",
    found(),
    "auth0",
    "refreshTokenRotation",
    "preset",
    "none",
  ],
  ["no lifetime", found(), "oidc", "idTokenMaxLifetimeSeconds", "assumed", 86_400],
  ["grants", found(), "oidc", "grant_types", "provider", ["authorization_code", "refresh_token"]],
  ["no grants", terse(), "oidc", "grant_types", "assumed", ["authorization_code", "refresh_token"]],
  ["PKCE", found(), "oidc", "pkce", "provider", true],
  ["nothing of PKCE", terse(), "oidc", "pkce", "assumed", true],
  ["PKCE without S256", found({ challengeMethods: ["plain"] }), "oidc", "pkce", "provider", false],
  ["no scopes", terse(), "oidc", "scope", "assumed", "openid profile email offline_access"],
  [
    "scopes without offline_access",
    found({ scopes: ["openid"] }),
    "oidc",
    "scope",
    "assumed",
    "openid profile email",
  ],
])(
  "a provider that says %s: the value and where it is from",
  (_, provider, preset, name, from, value) => {
    const { facts } = judge(provider, preset);
    expect(fact(facts, name)).toMatchObject({ name, from, value });
  },
);

test.each([found(), terse(), found({ idTokenAlgs: undefined })])(
  "whatever is assumed says what it risks, and no value is there twice",
  (provider) => {
    const { facts } = judge(provider);
    const assumed = facts.filter(({ from }) => from === "assumed");
    expect(assumed.length).toBeGreaterThan(3);
    expect(assumed.filter(({ risk }) => risk === undefined)).toEqual([]);
    const names = facts.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  },
);

test.each<[string, Partial<Discovery>, readonly string[]]>([
  ["RSA and EC keys", { idTokenAlgs: ["RS256", "ES256"], keys: [RSA, EC] }, ["ES256", "RS256"]],
  ["one key for many that are listed", { idTokenAlgs: ["RS256", "ES256", "HS256"] }, ["RS256"]],
  [
    "a key that names no algorithm",
    { keys: [{ ...RSA, usableFor: ["RS256", "PS256"] }] },
    ["RS256"],
  ],
])("algorithms are those that are listed and have a key: %s", (_, more, expected) => {
  expect([...judge(found(more)).recorded.settings.idTokenSigningAlgs].sort()).toEqual(expected);
});

test.each<[string, Partial<Discovery>, RegExp]>([
  ["PKCE without S256", { challengeMethods: ["plain"] }, /^PKCE: .* S256/],
  [
    "only mutual TLS",
    { clientAuthentications: ["tls_client_auth"] },
    /^Authenticate at the token endpoint: /,
  ],
  ["pushed requests only", { requiresPushedRequests: true }, /^Sign in at all, .*RFC 9126/],
  ["encryption", { idTokenEncryptionAlgs: ["RSA-OAEP"] }, /^Read encrypted ID tokens: /],
  ["no revocation", { revocationEndpoint: undefined }, /^Revoke at the provider/],
  ["no userinfo", { userinfoEndpoint: undefined }, /^`GET \/me\?fresh=true`/],
  ["no end of session", { endSessionEndpoint: undefined }, /^End the session at the provider/],
  ["no offline_access", { scopes: ["openid"] }, /^Ask for the scope offline_access/],
  ["HMAC, too", { idTokenAlgs: ["RS256", "HS256"] }, /^Accept ID tokens signed with HS256\.$/],
  [
    "a key that is not supported",
    { keys: [RSA, { kty: "EC", crv: "secp256k1", isForSigning: true, usableFor: [] }] },
    /EC secp256k1\.$/,
  ],
])(
  "a provider that has %s: one thing that cannot be done, with its reason",
  (_, more, expected) => {
    const preset = presetOf("oidc");
    const { cannot } = judge(found(more));
    const news = cannot.filter((each) => !preset.cannot.includes(each));
    expect(news).toEqual([expect.stringMatching(expected)]);
  },
);

test("what the preset cannot do, and what nobody could establish, is passed on", () => {
  const { cannot, unknown } = judge(found());
  expect(cannot).toEqual(presetOf("oidc").cannot);
  expect(unknown).toEqual(presetOf("oidc").unknown);
});

test("a key for encryption is not in the way", () => {
  const enc = { kty: "RSA", alg: "RSA-OAEP", isForSigning: false, usableFor: [] } as const;
  expect(judge(found({ keys: [RSA, enc] })).cannot).toEqual(presetOf("oidc").cannot);
});

test.each<[string, Partial<Discovery>]>([
  ["no_code_flow", { responseTypes: ["id_token"] }],
  ["no_refresh_grant", { grantTypes: ["authorization_code"] }],
  ["no_algorithm", { idTokenAlgs: ["HS256"] }],
  ["no_algorithm", { idTokenAlgs: [] }],
  ["no_usable_key", { keys: [EC] }],
  ["no_usable_key", { keys: [] }],
])("%s is refused", (problem, more) => {
  expect(problemOf(found(more))).toBe(problem);
});

test("Rollup ID gets no setting that its profile does not have, and neither PKCE nor nonce", () => {
  const provider = found({
    issuer: "https://passport.rollup.id",
    idTokenAlgs: ["ES256"],
    keys: [EC],
  });
  const { recorded, frontend, facts } = judge(provider, "rollup");
  expect(recorded.settings).not.toHaveProperty("clientAuthentication");
  expect(frontend).toMatchObject({ pkce: false, nonce: false, scope: "openid profile" });
  expect(fact(facts, "refreshTokenRotation")).toBeUndefined();
});

test.each<[string, Partial<Discovery>, boolean]>([
  ["as the preset", {}, false],
  ["with another key set", { jwksUri: "https://op.example/other" }, true],
  ["with another algorithm", { idTokenAlgs: ["ES256"], keys: [EC] }, true],
  ["without revocation", { revocationEndpoint: undefined }, true],
])("a provider %s needs to be recorded or not", (_, more, expected) => {
  const issuer = "https://op.example/realms/x";
  const at = `${issuer}/protocol/openid-connect`;
  const provider = found({
    issuer,
    jwksUri: `${at}/certs`,
    tokenEndpoint: `${at}/token`,
    userinfoEndpoint: `${at}/userinfo`,
    revocationEndpoint: `${at}/revoke`,
    ...more,
  });
  const preset = presetOf("keycloak");
  const idp = stageIdpOf(preset, issuer, "app");
  expect(needsRecord(idp, judgeProvider(provider, preset))).toBe(expected);
});

test.each<[PresetName, string, readonly string[]]>([
  [
    "keycloak",
    "https://id.example/realms/x",
    ['idp: { preset: "keycloak", issuer: "https://id.example/realms/x", clientId: "app" },'],
  ],
  [
    "entra",
    "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0",
    [
      "idp: {",
      '  preset: "entra", clientId: "app",',
      '  issuer: "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0",',
      "},",
    ],
  ],
  [
    "zitadel",
    "https://x.zitadel.cloud",
    [
      "idp: {",
      '  preset: "zitadel", issuer: "https://x.zitadel.cloud", clientId: "app",',
      '  trustedAudiences: ["69234237810729019"],',
      "},",
    ],
  ],
])("the block of %s has four lines at most", (name, issuer, lines) => {
  expect(stageBlock(stageIdpOf(presetOf(name), issuer, "app"))).toEqual(lines);
});
