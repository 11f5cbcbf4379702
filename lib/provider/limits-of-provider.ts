/** What this product cannot do with a provider, by what the provider says of itself. Pure. */
import { CLIENT_AUTHENTICATIONS } from "../../lambda/client-authentication";
import { ID_TOKEN_ALGS } from "../../lambda/facts";
import type { Discovery, FoundKey } from "./discovery";
import type { Preset } from "./preset";

interface Limit {
  readonly is: (found: Discovery, preset: Preset) => boolean;
  readonly says: (found: Discovery, preset: Preset) => string;
}

const LIMITS: readonly Limit[] = [
  {
    is: ({ requiresPushedRequests }) => requiresPushedRequests,
    says: () =>
      "Sign in at all, while this client must push its authorization requests (RFC 9126): the " +
      "client package sends people there directly.",
  },
  {
    is: ({ clientAuthentications: listed }) =>
      listed !== undefined && !CLIENT_AUTHENTICATIONS.some((method) => listed.includes(method)),
    says: () =>
      "Authenticate at the token endpoint: the provider lists none of " +
      `${CLIENT_AUTHENTICATIONS.join(", ")}.`,
  },
  {
    is: ({ challengeMethods }) => challengeMethods?.includes("S256") === false,
    says: () =>
      "PKCE: the provider does not list S256 (RFC 7636), so only nonce and client authentication " +
      "protect a code.",
  },
  {
    is: ({ idTokenEncryptionAlgs }) => (idTokenEncryptionAlgs ?? []).length > 0,
    says: () =>
      "Read encrypted ID tokens: this product has no key for them, so leave their encryption off " +
      "for this client.",
  },
  {
    is: ({ revocationEndpoint }) => revocationEndpoint === undefined,
    says: () =>
      "Revoke at the provider (RFC 7009): it names no endpoint, so the refresh token of an " +
      "erased or disconnected user is deleted here and stays good there.",
  },
  {
    is: ({ userinfoEndpoint }) => userinfoEndpoint === undefined,
    says: () =>
      "`GET /me?fresh=true`, and showing whose an opaque refresh token is where a refresh brings " +
      "no ID token: the provider names no userinfo endpoint.",
  },
  {
    is: ({ endSessionEndpoint }) => endSessionEndpoint === undefined,
    says: () =>
      "End the session at the provider: it names no endpoint, so the next sign-in may ask nobody.",
  },
  {
    is: ({ scopes }, { authorization: { refreshTokenScope } }) =>
      refreshTokenScope !== undefined && scopes?.includes(refreshTokenScope) === false,
    says: (_, { authorization: { refreshTokenScope } }) =>
      `Ask for the scope ${String(refreshTokenScope)}: the provider does not list it, so whether ` +
      "a refresh token comes is decided there.",
  },
  {
    is: (found) => unsupportedAlgs(found).length > 0,
    says: (found) => `Accept ID tokens signed with ${unsupportedAlgs(found).join(", ")}.`,
  },
  {
    is: ({ keys }) => keys.some(isUnusable),
    says: ({ keys }) =>
      "Verify signatures by keys that the key set has besides: " +
      `${[...new Set(keys.filter(isUnusable).map(kindOf))].join(", ")}.`,
  },
];

export function limitsOfProvider(found: Discovery, preset: Preset): readonly string[] {
  return LIMITS.filter(({ is }) => is(found, preset)).map(({ says }) => says(found, preset));
}

function unsupportedAlgs({ idTokenAlgs = [] }: Discovery): readonly string[] {
  return idTokenAlgs.filter((alg) => !ID_TOKEN_ALGS.some((ours) => ours === alg));
}

function isUnusable({ isForSigning, usableFor }: FoundKey): boolean {
  return isForSigning && usableFor.length === 0;
}

/** For people: "RSA RS256", "EC P-256". */
export function kindOf({ kty, crv, alg }: Pick<FoundKey, "kty" | "crv" | "alg">): string {
  return [kty, crv, alg].filter((word) => word !== undefined).join(" ");
}
