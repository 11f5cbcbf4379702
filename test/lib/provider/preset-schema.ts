/** What every file of lib/provider/presets/ has to have. */
import * as v from "valibot";
import {
  type Preset,
  PRESET_NAMES,
  type PresetSettings,
  type Shown,
} from "../../../lib/provider/preset";

const sentence = v.pipe(v.string(), v.minLength(2), v.trim());
/** One item of a list: a sentence with its end. */
const statement = v.pipe(v.string(), v.regex(/^\S[^\n]*\."?$/));
const https = v.pipe(v.string(), v.url(), v.startsWith("https://"));
const template = v.pipe(v.string(), v.regex(/^(?:https:\/\/|\{issuer\}\/|\{1\}\/)/));
const pattern = v.pipe(
  v.string(),
  v.check((text) => new RegExp(text, "u") instanceof RegExp),
);

const habits = {
  idTokenLifetimeSeconds: v.union([v.literal("unknown"), v.pipe(v.number(), v.integer())]),
  clock: sentence,
  accessToken: v.picklist([
    "jwt",
    "jwe",
    "opaque",
    "jwt or opaque",
    "jwt, jwe or opaque",
    "unknown",
  ]),
  toldApart: sentence,
  subject: sentence,
  audience: sentence,
  rotation: sentence,
  idleLapse: sentence,
  clientAuthentication: sentence,
  deadGrant: sentence,
  refreshBrings: sentence,
  revocation: sentence,
  userinfo: sentence,
  endOfSession: sentence,
};

/** Each has a source, or is unknown. */
export const SHOWN = [
  "issuer",
  "endpoints",
  "authorization",
  ...(Object.keys(habits) as (keyof typeof habits)[]),
] as const satisfies readonly Shown[];

const path = v.pipe(v.string(), v.startsWith("/"));

export const PRESET_SCHEMA = v.strictObject({
  name: v.picklist(PRESET_NAMES),
  title: sentence,
  issuer: v.strictObject({
    pattern,
    example: https,
    mistakes: v.optional(v.array(v.strictObject({ pattern, why: sentence }))),
  }),
  endpoints: v.optional(
    v.strictObject({
      jwksUri: v.optional(template),
      tokenEndpoint: v.optional(template),
      userinfoEndpoint: v.optional(template),
      revocationEndpoint: v.optional(template),
    }),
  ),
  authorizationEndpoint: v.optional(template),
  endSessionEndpoint: v.optional(template),
  // The stage's schema judges them, once they are resolved.
  settings: v.custom<PresetSettings>((value) => typeof value === "object" && value !== null),
  needs: v.optional(
    v.strictObject({
      trustedAudiences: v.optional(
        v.strictObject({ example: v.pipe(v.array(sentence), v.nonEmpty()), where: sentence }),
      ),
      clientSigning: v.optional(
        v.strictObject({
          example: v.strictObject({ teamId: sentence, keys: v.array(sentence) }),
          where: sentence,
        }),
      ),
    }),
  ),
  setup: v.pipe(v.array(statement), v.nonEmpty()),
  authorization: v.strictObject({
    scopes: v.pipe(v.array(sentence), v.includes("openid")),
    parameters: v.record(v.string(), v.string()),
    refreshTokenScope: v.optional(sentence),
    pkce: v.optional(v.boolean()),
    nonce: v.optional(v.boolean()),
  }),
  habits: v.strictObject(habits),
  plays: v.strictObject({
    paths: v.optional(
      v.strictObject({
        authorization: v.optional(path),
        token: v.optional(path),
        jwks: v.optional(path),
        userinfo: v.optional(path),
      }),
    ),
    subject: v.pipe(v.string(), v.includes("{id}")),
    backdatedSeconds: v.optional(v.number()),
    atHash: v.optional(v.boolean()),
    idTokenClaims: v.record(v.string(), v.unknown()),
    accessToken: v.strictObject({
      format: v.picklist(["jwt", "opaque"]),
      lifetimeSeconds: v.number(),
      claims: v.record(v.string(), v.unknown()),
    }),
    graceSeconds: v.optional(v.number()),
    refreshTokenParameters: v.optional(v.record(v.string(), v.string())),
    refreshBrings: v.strictObject({ idToken: v.boolean(), scope: v.boolean() }),
    deadGrant: v.strictObject({ status: v.number(), body: v.record(v.string(), v.unknown()) }),
  }),
  scopes: v.record(v.string(), sentence),
  cannot: v.pipe(v.array(statement), v.nonEmpty()),
  unknown: v.pipe(v.array(statement), v.nonEmpty()),
  sources: v.pipe(
    v.array(
      v.strictObject({
        url: v.pipe(v.string(), v.url()),
        says: statement,
        read: v.pipe(v.string(), v.isoDate()),
        shows: v.pipe(v.array(v.picklist(SHOWN)), v.nonEmpty()),
      }),
    ),
    v.nonEmpty(),
  ),
}) satisfies v.GenericSchema<unknown, Preset>;
