/** Schemas of what the API returns: snake_case, closed where the code accepts no other member. */
import { HISTORY_OUTCOMES } from "../../../lambda/facts";
import { MAX_SESSIONS_PER_USER } from "../../../lambda/limits";
import { closed, type Members, schema } from "./json";

const time = { type: "string", format: "date-time", description: "RFC 3339, in UTC." };
const timeOrNull = { type: ["string", "null"], format: "date-time" };

/** The bounds of `lambda/idp/claims.ts`, in characters. */
const text = (maxLength: number, description: string) => ({
  type: "string",
  minLength: 1,
  maxLength,
  description,
});
const address = (description: string) => ({ ...text(2_048, description), format: "uri" });

function records(members: readonly string[], description: string): Members {
  const kept = Object.fromEntries(
    members.map((name) => [name, text(320, "As the provider says.")]),
  );
  return { type: "array", maxItems: 50, items: closed(kept), description };
}

const claims: Members = {
  name: text(256, "The user's name."),
  given_name: text(256, "OpenID Connect Core 5.1."),
  family_name: text(256, "OpenID Connect Core 5.1."),
  picture: address("Always https."),
  email: text(320, "As the provider says."),
  email_verified: { type: "boolean", description: "OpenID Connect Core 5.1." },
  preferred_username: text(256, "OpenID Connect Core 5.1."),
  nickname: text(256, "OpenID Connect Core 5.1."),
  profile: address("OpenID Connect Core 5.1."),
  website: address("OpenID Connect Core 5.1."),
  locale: text(35, "A language tag, e.g. `en-GB`."),
  zoneinfo: text(64, "A time zone, e.g. `Europe/Berlin`."),
  type: text(32, "Rollup ID: the kind of account that the user signs in with."),
  connected_accounts: records(
    ["type", "identifier"],
    "Rollup ID: accounts that the user shares with this app.",
  ),
  erc_4337: records(["nickname", "address"], "Rollup ID: the user's smart contract wallets."),
};

const attributes = {
  ...schema("Attributes"),
  description: "The app's own data about the user: at most 8,192 bytes as JSON, 8 levels deep.",
};

const user: Members = {
  sub: schema("Subject"),
  claims: schema("Claims"),
  attributes,
  created_at: time,
  updated_at: time,
  version: {
    type: "integer",
    minimum: 1,
    description: "Every write adds one; in quotes it is the ETag.",
  },
};

const fresh = {
  ...closed({
    status: { enum: ["ok", "unavailable"], type: "string" },
    at: { ...timeOrNull, description: "When the provider answered; null if it did not." },
  }),
  description: "Whether the provider answered. If not, the user is as stored.",
};

/** A public key on P-256, or of RSA; the other members are its numbers. */
const publicJwk = {
  type: "object",
  required: ["kty", "alg", "use", "kid"],
  properties: {
    kty: { type: "string", enum: ["EC", "RSA"] },
    alg: { type: "string", enum: ["ES256", "PS256", "RS256"] },
    use: { type: "string", const: "sig" },
    kid: { type: "string", description: "The key's thumbprint (RFC 7638)." },
    // As `false`, which some generators do not take for a schema.
    d: { not: {}, description: "Never there: it would be the private key." },
  },
  additionalProperties: { type: "string" },
};

const session: Members = {
  id: { type: "string", format: "uuid", description: "Names the session; not a credential." },
  created_at: time,
  last_seen_at: { ...time, description: "May lag by a tenth of the idle limit." },
  idle_expires_at: { ...time, description: "Ends then unless used before." },
  expires_at: { ...time, description: "Ends then in any case." },
  user_agent: {
    type: "string",
    description: "The browser family only.",
    examples: ["Firefox"],
  },
};

const sessionToken = {
  type: ["string", "null"],
  pattern: "^rvs_[A-Za-z0-9_-]{49}$",
  description: "Returned only here. Null where the stage keeps it in a cookie.",
};

const scopes = {
  type: "array",
  items: { type: "string", minLength: 1 },
};
const grantedScopes = {
  ...scopes,
  type: ["array", "null"],
  description: "What the provider has granted; null if that is not known.",
};

const historyEntry = closed(
  {
    at: time,
    by: {
      type: "string",
      minLength: 1,
      description: "A route, the ARN of a backend's role, or `admin`.",
    },
    outcome: {
      type: "string",
      enum: [...HISTORY_OUTCOMES],
    },
    gained: { ...scopes, description: "Only with `scope_changed`." },
    lost: { ...scopes, description: "Only with `scope_changed`." },
  },
  ["gained", "lost"],
);

const grant: Members = {
  status: {
    type: "string",
    enum: ["none", "active", "needs_sign_in", "frozen"],
    description: "Only `active` gives access tokens.",
  },
  since: { ...timeOrNull, description: "Null if there never was a grant." },
  reason: {
    type: ["string", "null"],
    enum: [
      "refresh_token_refused",
      "in_doubt",
      "refresh_token_failing",
      "refresh_token_not_issued",
      "foreign_subject",
      "disconnected",
      "erased",
      null,
    ],
    description: "Why it is not active.",
  },
  scopes: grantedScopes,
  last_exchange_at: { ...timeOrNull, description: "When the provider was last asked for a token." },
  history: {
    type: "array",
    maxItems: 20,
    items: historyEntry,
    description: "Oldest first; of each `by` and `outcome` the newest.",
  },
};

const accessToken: Members = {
  access_token: { type: "string", minLength: 1, description: "Keep it in memory only." },
  token_type: { const: "Bearer", type: "string" },
  expires_at: time,
  expires_in: { type: "integer", minimum: 0, description: "Whole seconds from now." },
  scope: {
    type: ["string", "null"],
    description: "What is granted, separated by spaces. Null if that is not known.",
  },
};

const connection: Members = {
  connected: { type: "boolean", description: "There is a refresh token, new or from before." },
  scopes: grantedScopes,
  reason: {
    type: ["string", "null"],
    enum: ["refresh_token_not_issued", null],
    description: "Why it is not connected.",
  },
  ask_for: {
    type: ["object", "null"],
    additionalProperties: { type: "string" },
    description:
      "Parameters of the authorization request that bring a refresh token; null if connected, or if none are known.",
  },
};

export const SCHEMAS: Members = {
  Subject: {
    type: "string",
    minLength: 1,
    maxLength: 255,
    description: "The user's identifier at the provider and here. Never changes.",
    examples: ["urn:rollupid:identity/0x00c0ffee"],
  },
  Claims: {
    ...closed(claims, Object.keys(claims)),
    description: "What the provider says about the user; all optional.",
  },
  Attributes: {
    type: "object",
    propertyNames: { minLength: 1 },
    additionalProperties: schema("AttributeValue"),
    description:
      "Names are not empty. Text is Unicode without lone surrogates. Integers are within ±(2^53 − 1), other numbers doubles from 1e-100 to 1e100.",
  },
  AttributeValue: {
    if: { type: "object" },
    then: schema("Attributes"),
    else: { if: { type: "array" }, then: { type: "array", items: schema("AttributeValue") } },
    description: "Any JSON, with names as in `Attributes`.",
  },
  User: closed(user),
  FreshUser: closed({ ...user, fresh }),
  ErasureReceipt: closed({
    sub: schema("Subject"),
    erased_at: time,
    // A list of three different ones of three: generators know no constant that is a list.
    erased: {
      type: "array",
      items: { type: "string", enum: ["user", "refresh_token", "sessions"] },
      minItems: 3,
      maxItems: 3,
      uniqueItems: true,
    },
    revocation: {
      type: "string",
      enum: ["revoked", "not_revoked", "no_endpoint", "no_token"],
      description: "Result of the revocation at the provider (RFC 7009).",
    },
  }),
  Export: closed(
    {
      format: { const: "urn:rollup-vault:export:1", type: "string" },
      exported_at: time,
      sub: schema("Subject"),
      user: { oneOf: [schema("ExportedUser"), { type: "null" }] },
      refresh_token: schema("Grant"),
      sessions: { type: "array", maxItems: MAX_SESSIONS_PER_USER, items: schema("Session") },
      unreadable: {
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: {
          type: "string",
          enum: [
            "user",
            "user.claims",
            "user.attributes",
            "user.created_at",
            "user.updated_at",
            "user.version",
            "refresh_token",
            "sessions",
          ],
        },
        description:
          "Damaged in the store, so missing or null here. Absent if everything could be read.",
      },
    },
    ["unreadable"],
  ),
  ExportedUser: {
    ...closed({
      sub: schema("Subject"),
      claims: { oneOf: [schema("Claims"), { type: "null" }] },
      attributes: { oneOf: [schema("Attributes"), { type: "null" }] },
      created_at: timeOrNull,
      updated_at: timeOrNull,
      version: { type: ["integer", "null"], minimum: 1 },
    }),
    description: "As `User`; null only what `unreadable` names.",
  },
  Session: closed(session),
  ListedSession: closed({
    ...session,
    current: { type: "boolean", description: "Of this request." },
  }),
  SessionList: closed({
    sessions: { type: "array", maxItems: MAX_SESSIONS_PER_USER, items: schema("ListedSession") },
  }),
  OpenedSession: closed({ token: sessionToken, ...session }),
  SignIn: closed(
    {
      session: schema("OpenedSession"),
      user: schema("User"),
      connection: closed(connection),
      access_token: schema("AccessToken"),
    },
    ["access_token"],
  ),
  Grant: {
    ...closed(grant),
    description: "The status of the refresh token and who used it, never the token.",
  },
  AccessToken: closed(accessToken),
  JwkSet: closed({ keys: { type: "array", minItems: 1, items: publicJwk } }),
  Health: closed({ status: { const: "ok", type: "string" } }),
};
