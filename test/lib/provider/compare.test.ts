import type { IdpSettings } from "../../../lambda/env";
import { compareProvider } from "../../../lib/provider/compare";
import type { Discovery } from "../../../lib/provider/discovery";
import { EC, found, RSA } from "./found";

const SETTINGS: IdpSettings = {
  profile: "oidc",
  issuer: "https://op.example",
  clientId: "app",
  jwksUri: "https://op.example/keys",
  tokenEndpoint: "https://op.example/token",
  userinfoEndpoint: "https://op.example/userinfo",
  revocationEndpoint: "https://op.example/revoke",
  idTokenSigningAlgs: ["RS256"],
};
const ROTATION = "note: how refresh tokens rotate is in no document; the stage says strict";

function differences(more: Partial<Discovery>, settings: Partial<IdpSettings> = {}) {
  const merged = { ...SETTINGS, ...settings };
  const all = compareProvider({ settings: merged, recorded: undefined, found: found(more) });
  expect(all.every(({ todo }) => todo !== "")).toBe(true);
  return all.map(({ breaks, what }) => `${breaks ? "breaks" : "note"}: ${what}`);
}

test("a stage that is as the provider is has one note: what no document says", () => {
  expect(differences({})).toEqual([ROTATION]);
});

const UNUSABLE = { kty: "EC", crv: "secp256k1", isForSigning: true, usableFor: [] } as const;

test.each<[string, Partial<Discovery>, Partial<IdpSettings>, readonly string[]]>([
  [
    "the key set moved",
    { jwksUri: "https://a.example/k" },
    {},
    ["breaks: jwksUri has moved to https://a.example/k"],
  ],
  [
    "the token endpoint moved",
    { tokenEndpoint: "https://a.example/t" },
    {},
    ["breaks: tokenEndpoint has moved to https://a.example/t"],
  ],
  [
    "userinfo moved",
    { userinfoEndpoint: "https://a.example/u" },
    {},
    ["breaks: userinfoEndpoint has moved to https://a.example/u"],
  ],
  [
    "revocation is gone",
    { revocationEndpoint: undefined },
    {},
    ["note: revocationEndpoint is no longer named by the provider"],
  ],
  [
    "revocation is new",
    {},
    { revocationEndpoint: undefined },
    ["note: revocationEndpoint is https://op.example/revoke, and the stage has none"],
  ],
  [
    "the algorithm is gone",
    { idTokenAlgs: ["HS256"] },
    {},
    ["breaks: RS256 is no longer listed for ID tokens"],
  ],
  [
    "one of two algorithms is gone",
    {},
    { idTokenSigningAlgs: ["RS256", "ES256"] },
    ["note: ES256 is no longer listed for ID tokens"],
  ],
  [
    "an algorithm is new",
    { idTokenAlgs: ["RS256", "ES256"] },
    {},
    ["note: ES256 is listed for ID tokens, and the stage does not take it"],
  ],
  [
    "an algorithm is new, and has a key",
    { idTokenAlgs: ["RS256", "ES256"], keys: [RSA, EC] },
    {},
    [
      "breaks: the key set has a key that the stage does not take: EC P-256 ES256",
      "note: ES256 is listed for ID tokens, and the stage does not take it",
    ],
  ],
  [
    "keys are of another kind",
    { idTokenAlgs: ["RS256", "ES256"], keys: [EC] },
    {},
    [
      "breaks: the key set has no usable key for RS256",
      "breaks: the key set has a key that the stage does not take: EC P-256 ES256",
      "note: ES256 is listed for ID tokens, and the stage does not take it",
    ],
  ],
  ["a key for nothing that is listed is beside", { keys: [RSA, EC] }, {}, []],
  [
    "a key without alg fits another algorithm, too",
    { idTokenAlgs: ["RS256", "PS256"], keys: [{ ...RSA, usableFor: ["RS256", "PS256"] }] },
    {},
    ["note: PS256 is listed for ID tokens, and the stage does not take it"],
  ],
  [
    "a key cannot be used",
    { keys: [RSA, UNUSABLE] },
    {},
    ["note: the key set has a key that cannot be used here: EC secp256k1"],
  ],
  ["there are no keys", { keys: [] }, {}, ["breaks: the key set has no usable key for RS256"]],
  [
    "algorithms are no longer listed",
    { idTokenAlgs: undefined },
    {},
    ["note: the provider no longer lists algorithms of ID tokens"],
  ],
  [
    "the default authentication is gone",
    { clientAuthentications: ["client_secret_post"] },
    {},
    ["breaks: client_secret_basic is no longer listed at the token endpoint"],
  ],
  [
    "the stage's authentication is gone",
    { clientAuthentications: ["client_secret_basic"] },
    { clientAuthentication: "client_secret_post" },
    ["breaks: client_secret_post is no longer listed at the token endpoint"],
  ],
  ["authentication is not listed", { clientAuthentications: undefined }, {}, []],
  [
    "the refresh grant is gone",
    { grantTypes: ["authorization_code"] },
    {},
    ["breaks: the grant type refresh_token is no longer listed"],
  ],
  ["grants are not listed", { grantTypes: undefined }, {}, []],
  [
    "the code flow is gone",
    { responseTypes: ["id_token"] },
    {},
    ["breaks: the response type code is no longer listed"],
  ],
  [
    "requests must be pushed",
    { requiresPushedRequests: true },
    {},
    ["breaks: authorization requests must be pushed (RFC 9126)"],
  ],
  ["PKCE is gone", { challengeMethods: ["plain"] }, {}, ["note: PKCE with S256 is not listed"]],
])("where %s, it is said, and whether it breaks anything", (_, more, settings, expected) => {
  expect(differences(more, settings)).toEqual([...expected, ROTATION]);
});

test("what breaks comes first", () => {
  const all = differences({ revocationEndpoint: undefined, tokenEndpoint: "https://a.example/t" });
  expect(all.map((line) => line.split(":")[0])).toEqual(["breaks", "note", "note"]);
});

test("where an authorization endpoint was recorded, a frontend that is out of date is told", () => {
  const { idTokenSigningAlgs, jwksUri, tokenEndpoint } = SETTINGS;
  const recorded = {
    read: "2026-11-29",
    settings: { idTokenSigningAlgs, jwksUri, tokenEndpoint },
    authorizationEndpoint: "https://op.example/old",
  };
  expect(compareProvider({ settings: SETTINGS, recorded, found: found() })).toContainEqual(
    expect.objectContaining({
      breaks: true,
      what: "authorizationEndpoint has moved to https://op.example/authorize",
    }),
  );
});

test("Rollup ID needs its own authentication, and has no rotation to know of", () => {
  const settings = { profile: "rollup" } as const;
  expect(differences({}, settings)).toEqual([]);
  expect(differences({ clientAuthentications: ["client_secret_basic"] }, settings)).toEqual([
    "breaks: client_secret_post is no longer listed at the token endpoint",
  ]);
});
