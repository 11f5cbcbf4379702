/** What the API says and takes: snake_case, closed where the code is closed. */
import { MAX_SESSIONS_PER_USER } from "../../../lambda/limits";
import { closed, type Members, schema } from "./json";

const time = { type: "string", format: "date-time", description: "RFC 3339, in UTC." };
const timeOrNull = { type: ["string", "null"], format: "date-time" };

/** `lambda/idp/claims.ts`: at most so many characters. */
const text = (maxLength: number, description: string) => ({
  type: "string",
  minLength: 1,
  maxLength,
  description,
});
const address = (description: string) => ({ ...text(2_048, description), format: "uri" });

function records(members: readonly string[], description: string): Members {
  const kept = Object.fromEntries(members.map((name) => [name, text(320, "As it was said.")]));
  return { type: "array", maxItems: 50, items: closed(kept), description };
}

const claims: Members = {
  name: text(256, "How the user is called."),
  given_name: text(256, "OpenID Connect Core 5.1."),
  family_name: text(256, "OpenID Connect Core 5.1."),
  picture: address("Always https."),
  email: text(320, "As the provider knows it."),
  email_verified: { type: "boolean", description: "OpenID Connect Core 5.1." },
  preferred_username: text(256, "OpenID Connect Core 5.1."),
  nickname: text(256, "OpenID Connect Core 5.1."),
  profile: address("OpenID Connect Core 5.1."),
  website: address("OpenID Connect Core 5.1."),
  locale: text(35, "A language tag, e.g. `en-GB`."),
  zoneinfo: text(64, "A time zone, e.g. `Europe/Berlin`."),
  type: text(32, "Rollup ID: what kind of account the user signs in with."),
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
    description: "One more with every write; in quotes it is the ETag.",
  },
};

const fresh = {
  ...closed({
    status: { enum: ["ok", "unavailable"], type: "string" },
    at: { ...timeOrNull, description: "When the provider said so; null if it could not be asked." },
  }),
  description: "Whether the provider could be asked. If not, the user is as it was stored.",
};

const session: Members = {
  id: { type: "string", format: "uuid", description: "To end it by; not a credential." },
  created_at: time,
  last_seen_at: { ...time, description: "May lag behind by a tenth of the idle limit." },
  idle_expires_at: { ...time, description: "Over by then, unless it is used before." },
  expires_at: { ...time, description: "Over by then, however much it is used." },
  user_agent: {
    type: "string",
    description: "The family only, to tell one's own devices apart.",
    examples: ["Firefox"],
  },
};

const sessionToken = {
  type: ["string", "null"],
  pattern: "^rvs_[A-Za-z0-9_-]{49}$",
  description: "Shown here once and never again. Null where the stage keeps it in a cookie.",
};

const historyEntry = closed({
  at: time,
  by: {
    type: "string",
    minLength: 1,
    description: "A route, the ARN of a backend's role, or `admin`.",
  },
  outcome: {
    type: "string",
    enum: [
      "stored",
      "exchanged",
      "served",
      "refused",
      "in_doubt",
      "foreign_subject",
      "failed",
      "disconnected",
      "frozen",
      "unfrozen",
    ],
  },
});

const connection: Members = {
  status: {
    type: "string",
    enum: ["none", "active", "needs_sign_in", "frozen"],
    description: "Only with `active` is there an access token to be had.",
  },
  since: { ...timeOrNull, description: "Null where there never was a connection." },
  reason: {
    type: ["string", "null"],
    enum: [
      "refresh_token_refused",
      "in_doubt",
      "refresh_token_failing",
      "foreign_subject",
      "disconnected",
      "erased",
      null,
    ],
    description: "Why it is not active.",
  },
  last_exchange_at: { ...timeOrNull, description: "When the provider was last asked for a token." },
  history: {
    type: "array",
    maxItems: 20,
    items: historyEntry,
    description: "Oldest first; of each `by` and `outcome` the newest.",
  },
};

const accessToken: Members = {
  access_token: { type: "string", minLength: 1, description: "Keep it in memory, not in storage." },
  token_type: { const: "Bearer", type: "string" },
  expires_at: time,
  expires_in: { type: "integer", minimum: 0, description: "Whole seconds, from now." },
  scope: { type: ["string", "null"], description: "Null where the provider does not say." },
};

export const SCHEMAS: Members = {
  Subject: {
    type: "string",
    minLength: 1,
    maxLength: 255,
    description: "Who the user is, for the provider and here. Never changes.",
    examples: ["urn:rollupid:identity/0x00c0ffee"],
  },
  Claims: {
    ...closed(claims, Object.keys(claims)),
    description: "What the provider says of the user. Which of these there are depends on it.",
  },
  Attributes: {
    type: "object",
    propertyNames: { minLength: 1 },
    additionalProperties: schema("AttributeValue"),
    description:
      "Names are any text but the empty one. Text is Unicode without lone surrogates. Integers are within ±(2^53 − 1), other numbers what a double holds, from 1e-100 to 1e100.",
  },
  AttributeValue: {
    if: { type: "object" },
    then: schema("Attributes"),
    else: { if: { type: "array" }, then: { type: "array", items: schema("AttributeValue") } },
    description: "Any JSON, at any depth with names as those of `Attributes`.",
  },
  User: closed(user),
  FreshUser: closed({ ...user, fresh }),
  ErasureReceipt: closed({
    sub: schema("Subject"),
    erased_at: time,
    erased: {
      const: ["user", "refresh_token", "sessions"],
      type: "array",
      items: { type: "string" },
    },
    revocation: {
      type: "string",
      enum: ["revoked", "not_revoked", "no_endpoint", "no_token"],
      description: "What became of the refresh token at the provider (RFC 7009).",
    },
  }),
  Export: closed(
    {
      format: { const: "urn:rollup-vault:export:1", type: "string" },
      exported_at: time,
      sub: schema("Subject"),
      user: { oneOf: [schema("ExportedUser"), { type: "null" }] },
      refresh_token: schema("Connection"),
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
          "What lies damaged in the store, and so is missing here or null. Not there where all could be read.",
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
    description: "As `User`; null is what `unreadable` names, and nothing else is.",
  },
  Session: closed(session),
  ListedSession: closed({
    ...session,
    current: { type: "boolean", description: "The one that asks." },
  }),
  SessionList: closed({
    sessions: { type: "array", maxItems: MAX_SESSIONS_PER_USER, items: schema("ListedSession") },
  }),
  OpenedSession: closed({ token: sessionToken, ...session }),
  SignIn: closed(
    {
      session: schema("OpenedSession"),
      user: schema("User"),
      access_token: schema("AccessToken"),
    },
    ["access_token"],
  ),
  Connection: {
    ...closed(connection),
    description: "The state of the refresh token and who used it, never the token.",
  },
  AccessToken: closed(accessToken),
  Health: closed({ status: { const: "ok", type: "string" } }),
};
