/**
 * What is known of an OpenID provider before it is asked: one file of data for each, in presets/.
 * A preset holds no code. Nothing of it is deployed but the settings that it resolves to
 * (resolve.ts), and these are in the template for everyone to review.
 */
import type { IdpSettings } from "../../lambda/env";

export const PRESET_NAMES = [
  "rollup",
  "auth0",
  "entra",
  "entra-external",
  "okta",
  "google",
  "cognito",
  "keycloak",
  "zitadel",
  "logto",
  "supabase",
  "apple",
  "oidc",
] as const;

export type PresetName = (typeof PRESET_NAMES)[number];

/** Settings that a preset may give. The owner's stage wins over each. */
export type PresetSettings = Partial<Omit<IdpSettings, "issuer" | "clientId" | Endpoint>> &
  Pick<IdpSettings, "profile">;

/** Endpoints that a stage needs, or uses where there are any. */
export type Endpoint = "jwksUri" | "tokenEndpoint" | "userinfoEndpoint" | "revocationEndpoint";

/** Parts of a preset that a source shows. */
export type Shown = keyof Preset["habits"] | "issuer" | "endpoints" | "authorization";

/** Where a fact comes from. */
interface Source {
  readonly url: string;
  /** What it says, in our words. */
  readonly says: string;
  /** ISO date on which it was read, in a stored copy of the page. */
  readonly read: string;
  /** Which parts of the preset rest on it. */
  readonly shows: readonly Shown[];
}

interface Needed<Name extends keyof IdpSettings> {
  readonly example: NonNullable<IdpSettings[Name]>;
  readonly where: string;
}

/**
 * Habits for a machine. In each text, `{clientId}`, `{issuer}`, `{sub}`, `{id}`, `{name}` and
 * `{email}` stand for the client's and the person's own.
 */
interface Plays {
  /** Paths that differ from those of `endpoints`, or that only the provider's document names. */
  readonly paths?: Partial<Record<"authorization" | "token" | "jwks" | "userinfo", string>>;
  /** With `{id}`, 32 hex digits that are made up once for a person. */
  readonly subject: string;
  /** `iat` and `nbf` lie so many seconds before the token was made. */
  readonly backdatedSeconds?: number;
  /** Whether ID tokens have `at_hash`. @default false */
  readonly atHash?: boolean;
  /** Besides those of OpenID Connect; a null leaves one out. */
  readonly idTokenClaims: Readonly<Record<string, unknown>>;
  readonly accessToken: {
    readonly format: "jwt" | "opaque";
    readonly lifetimeSeconds: number;
    readonly claims: Readonly<Record<string, unknown>>;
  };
  /** With rotation `grace`. @default an hour */
  readonly graceSeconds?: number;
  /** Parameters of the authorization request without which no refresh token comes. */
  readonly refreshTokenParameters?: Readonly<Record<string, string>>;
  readonly refreshBrings: { readonly idToken: boolean; readonly scope: boolean };
  readonly deadGrant: {
    readonly status: number;
    readonly body: Readonly<Record<string, unknown>>;
  };
}

export interface Preset {
  readonly name: PresetName;
  /** As its vendor writes it. */
  readonly title: string;
  readonly issuer: {
    /** A regular expression that a right issuer matches as a whole. */
    readonly pattern: string;
    readonly example: string;
    /** Wrong ones that people write, by a regular expression for the whole, and why. */
    readonly mistakes?: readonly { readonly pattern: string; readonly why: string }[];
  };
  /**
   * Endpoints with `{issuer}`, or `{1}`, `{2}` for the groups of the pattern (empty for a group
   * that took no part). Left out where only the provider's own document names them.
   */
  readonly endpoints?: Partial<Record<Endpoint, string>>;
  readonly authorizationEndpoint?: string;
  readonly endSessionEndpoint?: string;
  /** What a stage gets, where it does not say otherwise. */
  readonly settings: PresetSettings;
  /**
   * Settings that only the owner can know, with an example for each and where to find it. Without
   * them nobody could sign in, so a stage has to give them.
   */
  readonly needs?: {
    readonly trustedAudiences?: Needed<"trustedAudiences">;
    /** Only while the client authenticates by a key. */
    readonly clientSigning?: Needed<"clientSigning">;
  };
  /** What the owner sets or looks up at the provider. */
  readonly setup: readonly string[];
  /** What the frontend sends to the authorization endpoint. */
  readonly authorization: {
    readonly scopes: readonly string[];
    /** For a refresh token: `access_type=offline`, `prompt=consent`, `audience`, `resource`. */
    readonly parameters: Readonly<Record<string, string>>;
    /** The scope without which no refresh token comes; undefined: none is needed. */
    readonly refreshTokenScope?: string;
    /** Whether the provider honours RFC 7636. @default true */
    readonly pkce?: boolean;
    /** Whether an ID token repeats the request's `nonce`. @default true */
    readonly nonce?: boolean;
  };
  /**
   * Habits, for people and for the tests of default tokens; nothing decides by them. A text that is
   * `unknown` stands for what nobody could establish.
   */
  readonly habits: {
    readonly idTokenLifetimeSeconds: number | "unknown";
    readonly clock: string;
    readonly accessToken:
      "jwt" | "jwe" | "opaque" | "jwt or opaque" | "jwt, jwe or opaque" | "unknown";
    /** What keeps its access tokens from passing as ID tokens; `nothing` where that is so. */
    readonly toldApart: string;
    readonly subject: string;
    readonly audience: string;
    readonly rotation: string;
    readonly idleLapse: string;
    readonly clientAuthentication: string;
    readonly deadGrant: string;
    readonly refreshBrings: string;
    readonly revocation: string;
    readonly userinfo: string;
    readonly endOfSession: string;
  };
  /** What the local provider does in its place (`npm start -- --preset`), besides its settings. */
  readonly plays: Plays;
  /** Scopes, and what each opens. */
  readonly scopes: Readonly<Record<string, string>>;
  /** What this product cannot do with this provider, each with its reason. */
  readonly cannot: readonly string[];
  /** What nobody could establish. */
  readonly unknown: readonly string[];
  readonly sources: readonly Source[];
}
