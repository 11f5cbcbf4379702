/** ID tokens with each fault that one can have, and what the operator is told of them. */
import type { IdpSettings } from "../../../lambda/env";
import {
  CLIENT_ID,
  createTestKey,
  encode,
  ISSUER,
  NOW,
  type Overrides,
  type TestIssuer,
} from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

export const OIDC: IdpSettings = { ...ROLLUP_SETTINGS, profile: "oidc" };
export const SECONDS = NOW / 1000;
export const IAT = SECONDS - 10;

export const claims = (more: Record<string, unknown>): Overrides => ({ claims: more });
const header = (more: Record<string, unknown>): Overrides => ({ header: more });
const rollup = ROLLUP_SETTINGS;

/** What it is, how it is made, `step reason setting` of each refusal. */
type Row = readonly [string, (issuer: TestIssuer) => string, readonly string[], IdpSettings?];

const TOLD: readonly Row[] = [
  ["is not a JWT", () => "opaque", ["grammar malformed_token"]],
  ["is a session token", () => `rvs_${"a".repeat(49)}`, ["grammar malformed_token"]],
  ["is encrypted", () => "a.b.c.d.e", ["grammar malformed_token"]],
  ["has padding", (i) => `${i.idToken()}=`, ["grammar malformed_token"]],
  [
    "has a payload that is no object",
    (i) => i.sign({ alg: "ES256", kid: "a" }, "[]"),
    ["grammar malformed_token"],
  ],
  [
    "has a header that is no object",
    () => `${encode("[]")}.${encode("{}")}.c2ln`,
    ["grammar malformed_token"],
  ],
  [
    "is too large for a request",
    (i) => i.idToken(claims({ picture: "x".repeat(20_000) })),
    ["grammar malformed_token (bearer)"],
  ],
  [
    "is signed with an algorithm that the stage does not list",
    (i) => {
      i.addKey("other", "EdDSA");
      return i.idToken();
    },
    ["header disallowed_algorithm idp.idTokenSigningAlgs"],
  ],
  [
    "is signed with an algorithm that Rollup ID does not have",
    (i) => {
      i.addKey("other", "EdDSA");
      return i.idToken();
    },
    ["header disallowed_algorithm"],
    rollup,
  ],
  [
    "is signed with a secret",
    (i) => i.idToken(header({ alg: "HS256" })),
    ["header disallowed_algorithm"],
  ],
  ["has no alg", (i) => i.idToken(header({ alg: undefined })), ["header disallowed_algorithm"]],
  ["has crit", (i) => i.idToken(header({ crit: ["x"] })), ["header disallowed_header"]],
  ["has b64", (i) => i.idToken(header({ b64: false })), ["header disallowed_header"]],
  ["has an empty kid", (i) => i.idToken(header({ kid: "" })), ["header disallowed_header"]],
  [
    "has no kid, at Rollup ID",
    (i) => i.idToken(header({ kid: undefined })),
    ["header disallowed_header"],
    rollup,
  ],
  [
    "is an access token by typ",
    (i) => i.idToken(header({ typ: "at+jwt" })),
    ["kind wrong_token_kind"],
  ],
  [
    "is of another issuer",
    (i) => i.idToken(claims({ iss: "https://x.example" })),
    ["issuer invalid_issuer"],
  ],
  [
    "spells its issuer with a slash",
    (i) => i.idToken(claims({ iss: `${ISSUER}/` })),
    ["issuer invalid_issuer idp.acceptedIssuers"],
  ],
  ["has no issuer", (i) => i.idToken(claims({ iss: undefined })), ["issuer invalid_issuer"]],
  [
    "is for another client",
    (i) => i.idToken(claims({ aud: "other" })),
    ["audience invalid_audience"],
  ],
  [
    "is also for others",
    (i) => i.idToken(claims({ aud: [CLIENT_ID, "other"], azp: CLIENT_ID })),
    ["audience invalid_audience idp.trustedAudiences"],
  ],
  [
    "is also for others, without azp",
    (i) => i.idToken(claims({ aud: [CLIENT_ID, "other"] })),
    ["audience invalid_audience idp.trustedAudiences", "audience invalid_audience"],
  ],
  [
    "is asked for by an app that is not listed",
    (i) => i.idToken(claims({ azp: "native" })),
    ["audience invalid_audience idp.trustedAzp"],
    { ...OIDC, trustedAzp: ["other"] },
  ],
  ["has no subject", (i) => i.idToken(claims({ sub: undefined })), ["subject invalid_subject"]],
  [
    "has a long subject",
    (i) => i.idToken(claims({ sub: "x".repeat(256) })),
    ["subject invalid_subject"],
  ],
  [
    "has a subject of another form",
    (i) => i.idToken(claims({ sub: "alice" })),
    ["subject invalid_subject"],
    rollup,
  ],
  ["has no iat", (i) => i.idToken(claims({ iat: undefined })), ["times invalid_lifetime"]],
  ["has an iat as text", (i) => i.idToken(claims({ iat: "1" })), ["times invalid_lifetime"]],
  [
    "is two minutes ahead",
    (i) => i.idToken(claims({ iat: SECONDS + 120, exp: SECONDS + 3_600 })),
    ["times invalid_lifetime idp.clockToleranceSeconds"],
  ],
  [
    "is a day ahead",
    (i) => i.idToken(claims({ iat: SECONDS + 86_400, exp: SECONDS + 90_000 })),
    ["times invalid_lifetime"],
  ],
  [
    "is not good before two minutes from now",
    (i) => i.idToken(claims({ nbf: SECONDS + 120 })),
    ["times invalid_lifetime idp.clockToleranceSeconds"],
  ],
  ["has no exp", (i) => i.idToken(claims({ exp: undefined })), ["times invalid_lifetime"]],
  ["ends before it begins", (i) => i.idToken(claims({ exp: IAT })), ["times invalid_lifetime"]],
  [
    "has expired",
    (i) => i.idToken(claims({ iat: SECONDS - 7_200, exp: SECONDS - 3_600 })),
    ["times invalid_lifetime"],
  ],
  [
    "has expired, and was not good from the beginning",
    (i) => i.idToken(claims({ iat: SECONDS - 7_200, nbf: SECONDS - 7_100, exp: SECONDS - 3_600 })),
    ["times invalid_lifetime"],
  ],
  [
    "lives for two days",
    (i) => i.idToken(claims({ exp: IAT + 2 * 86_400 })),
    ["times invalid_lifetime idp.idTokenMaxLifetimeSeconds"],
  ],
  [
    "lives for two hours, at Rollup ID",
    (i) => i.idToken(claims({ exp: IAT + 7_200 })),
    ["times invalid_lifetime"],
    rollup,
  ],
  [
    "is too old for a request",
    (i) => i.idToken(claims({ iat: SECONDS - 7_200, exp: SECONDS + 7_200 })),
    ["times invalid_lifetime idp.idTokenMaxAgeSeconds (bearer)"],
  ],
  ["is bound to a key", (i) => i.idToken(claims({ cnf: {} })), ["kind wrong_token_kind"]],
  [
    "looks like an access token",
    (i) => i.idToken(claims({ client_id: CLIENT_ID, scope: "openid", jti: "a" })),
    ["kind wrong_token_kind idp.idTokenAllowedClaims (bearer)"],
  ],
  ["is an access token of Rollup ID", (i) => i.accessToken(), ["kind wrong_token_kind"], rollup],
  [
    "has a key that is not there",
    (i) => i.idToken(header({ kid: "1682004114899" })),
    ["key unknown_key"],
  ],
  [
    "has no kid, and there are two keys",
    (i) => {
      i.addKey();
      return i.idToken(header({ kid: undefined }));
    },
    ["key ambiguous_key"],
  ],
  [
    "has the kid of a key for another algorithm",
    (i) => {
      const { kid } = i.addKey("other", "EdDSA");
      return i.idToken({ header: { kid, alg: "ES256" } });
    },
    ["key disallowed_algorithm"],
    { ...OIDC, idTokenSigningAlgs: ["ES256", "EdDSA"] },
  ],
  [
    "is forged",
    (i) => i.idToken({ key: createTestKey("x", "ES256") }),
    ["signature invalid_signature"],
  ],
  [
    "is forged, and has expired",
    (i) =>
      i.idToken({
        claims: { iat: SECONDS - 7_200, exp: SECONDS - 3_600 },
        key: createTestKey("x", "ES256"),
      }),
    ["times invalid_lifetime", "signature invalid_signature"],
  ],
  [
    "has a scope that is no text",
    (i) => i.idToken(claims({ scope: ["openid"], at_hash: "x" })),
    ["kind malformed_token"],
  ],
  [
    "has every fault at once",
    (i) =>
      i.idToken({
        header: { typ: "at+jwt", crit: [] },
        claims: {
          iss: "https://x.example",
          aud: ["other"],
          sub: "",
          iat: SECONDS - 7 * 86_400,
          exp: SECONDS - 86_400,
          cnf: {},
          scp: "a",
        },
        key: createTestKey("x", "ES256"),
      }),
    [
      "header disallowed_header",
      "issuer invalid_issuer",
      "audience invalid_audience",
      "subject invalid_subject",
      "times invalid_lifetime",
      "times invalid_lifetime idp.idTokenMaxLifetimeSeconds",
      "kind wrong_token_kind",
      "kind wrong_token_kind",
      "kind wrong_token_kind idp.idTokenAllowedClaims (bearer)",
      "signature invalid_signature",
    ],
  ],
];

export const ROWS = TOLD.map(
  ([name, make, told, settings = OIDC]) => [name, make, told, settings] as const,
);
