/**
 * The habits of the provider that is played, as data. In every text, `{clientId}`, `{issuer}`,
 * `{sub}`, `{id}`, `{name}` and `{email}` stand for the client's and the person's own.
 */
import * as v from "valibot";

const seconds = v.pipe(v.number(), v.integer(), v.minValue(1));
const path = v.pipe(v.string(), v.regex(/^\/[^?#{}]*$/));
/** JOSE `alg` of its ID tokens. */
const ALGS = [
  "ES256",
  "ES384",
  "ES512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "EdDSA",
] as const;

const claims = v.record(v.string(), v.unknown());

export const habitsSchema = v.strictObject({
  /** As its vendor writes it. */
  title: v.string(),
  /** What the issuer has after the origin: empty, `/` or a path. */
  issuerPath: v.union([v.literal(""), path]),
  /** Paths of its endpoints. */
  authorization: path,
  token: path,
  jwks: path,
  userinfo: v.optional(path),
  revocation: v.optional(path),
  endSession: v.optional(path),
  clientAuthentication: v.picklist(["client_secret_basic", "client_secret_post", "none"]),
  /** A subject: `{id}` is made up once for a person. */
  subject: v.string(),
  idToken: v.strictObject({
    alg: v.picklist(ALGS),
    lifetimeSeconds: seconds,
    /** `iat` and `nbf` lie so long before the token was made. */
    backdatedSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
    /** Whether they have `at_hash`. */
    atHash: v.optional(v.boolean(), false),
    /** Besides those of OpenID Connect; each may be replaced, or left out by a null. */
    claims,
  }),
  accessToken: v.strictObject({
    format: v.picklist(["jwt", "opaque"]),
    lifetimeSeconds: seconds,
    /** Of a JWT, besides `iss`, `sub`, `aud`, `iat`, `exp`, `jti` and `scope`; the same holds. */
    claims,
  }),
  refreshToken: v.strictObject({
    /** What a refresh does to it: `grace` leaves the spent one good for some seconds. */
    rotation: v.picklist(["none", "grace", "strict"]),
    graceSeconds: v.optional(seconds),
    /** Unused for as long, it lapses. */
    idleSeconds: v.optional(seconds),
    /** Only with this scope there is one. */
    scope: v.optional(v.string()),
    /** Only with these parameters of the authorization request there is one. */
    parameters: v.optional(v.record(v.string(), v.string())),
  }),
  /** What the answer to a refresh has besides an access token. */
  refreshBrings: v.strictObject({ idToken: v.boolean(), scope: v.boolean() }),
  /** The answer to a refresh token that is not, or no longer, good. */
  deadGrant: v.strictObject({
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(499)),
    body: v.record(v.string(), v.unknown()),
  }),
  /** Scopes, and what each opens. */
  scopes: v.record(v.string(), v.string()),
});

export type Habits = v.InferOutput<typeof habitsSchema>;

export type Words = Readonly<
  Record<"clientId" | "issuer" | "sub" | "id" | "name" | "email", string>
>;

/** Puts the words into every text of a value. */
export function filled<T>(value: T, words: Readonly<Partial<Words>>): T {
  if (typeof value === "string") {
    const text = value.replace(/\{(\w+)\}/g, (all, name: keyof Words) => words[name] ?? all);
    return text as T;
  }
  if (Array.isArray(value)) {
    const elements: readonly unknown[] = value;
    const all: unknown = elements.map((element) => filled<unknown>(element, words));
    return all as T;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Readonly<Record<string, unknown>>);
    const members = entries.map(([name, inner]) => [name, filled(inner, words)]);
    return Object.fromEntries(members) as T;
  }
  return value;
}
