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
export type PresetSettings = Partial<Omit<IdpSettings, "issuer" | "clientId">> &
  Pick<IdpSettings, "profile">;

/** Where a fact comes from. */
export interface Source {
  readonly url: string;
  /** What it says, in our words. */
  readonly says: string;
  /** ISO date on which it was read. */
  readonly read: string;
}

export interface Preset {
  readonly name: PresetName;
  /** As its vendor writes it. */
  readonly title: string;
  readonly issuer: {
    /** A regular expression that a right issuer matches as a whole. */
    readonly pattern: string;
    readonly example: string;
  };
  /**
   * Endpoints with `{issuer}`, or `{1}`, `{2}` for the groups of the pattern. Left out where only
   * the provider's own document names them.
   */
  readonly endpoints?: Partial<
    Record<"jwksUri" | "tokenEndpoint" | "userinfoEndpoint" | "revocationEndpoint", string>
  >;
  readonly authorizationEndpoint?: string;
  readonly endSessionEndpoint?: string;
  /** What a stage gets, where it does not say otherwise. */
  readonly settings: PresetSettings;
  /** What the frontend sends to the authorization endpoint. */
  readonly authorization: {
    readonly scopes: readonly string[];
    /** For a refresh token: `access_type=offline`, `prompt=consent`, `audience`, `resource`. */
    readonly parameters: Readonly<Record<string, string>>;
    /** The scope without which no refresh token comes; undefined: none is needed. */
    readonly refreshTokenScope?: string;
  };
  /** Habits, for people and for the tests of default tokens; nothing decides by them. */
  readonly habits: {
    readonly idTokenLifetimeSeconds: number | "unknown";
    readonly accessToken: "jwt" | "jwe" | "opaque" | "jwt or opaque" | "unknown";
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
  /** Scopes, and what each opens. */
  readonly scopes: Readonly<Record<string, string>>;
  /** What this product cannot do with this provider, each with its reason. */
  readonly cannot: readonly string[];
  /** What nobody could establish. */
  readonly unknown: readonly string[];
  readonly sources: readonly Source[];
}
