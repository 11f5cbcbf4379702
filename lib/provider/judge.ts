/** What a stage and a frontend need to know of a provider, and how sure each value is. Pure. */
import {
  CLIENT_AUTHENTICATIONS,
  clientAuthenticationOf,
  listedMethodOf,
} from "../../lambda/client-authentication";
import type { IdpSettings } from "../../lambda/env";
import { ID_TOKEN_ALGS } from "../../lambda/facts";
import type { Discovery, IdTokenAlg } from "./discovery";
import { limitsOfProvider } from "./limits-of-provider";
import type { Preset } from "./preset";
import { ProviderError } from "./provider-error";
import type { RecordedProvider } from "./recorded";

export interface ProviderFact {
  /** The setting's name, of the stage's `idp` or of the frontend's `provider`. */
  readonly name: string;
  readonly value: unknown;
  /** `provider`: its documents say so. `assumed`: nobody does. */
  readonly from: "provider" | "preset" | "assumed";
  /** What happens where an assumption is wrong. */
  readonly risk?: string;
}

/** The client package's `provider` option, and the parameters of its `signIn`. */
interface FrontendProvider {
  readonly authorizationEndpoint: string;
  readonly scope: string;
  readonly pkce: boolean;
  readonly nonce: boolean;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Judgement {
  readonly recorded: Omit<RecordedProvider, "read">;
  readonly frontend: FrontendProvider;
  readonly facts: readonly ProviderFact[];
  /** What this product cannot do with this provider, each with its reason. */
  readonly cannot: readonly string[];
  /** What nobody could establish. */
  readonly unknown: readonly string[];
}

/** @throws ProviderError where nobody could sign in, or stay signed in */
export function judgeProvider(found: Discovery, preset: Preset): Judgement {
  assertUsable(found);
  const algs = algsOf(found);
  const authentication = authenticationOf(found, preset);
  const frontend = frontendOf(found, preset);
  const { jwksUri, tokenEndpoint, userinfoEndpoint, revocationEndpoint } = found;
  const settings = {
    jwksUri,
    tokenEndpoint,
    idTokenSigningAlgs: algs,
    ...(userinfoEndpoint !== undefined && { userinfoEndpoint }),
    ...(revocationEndpoint !== undefined && { revocationEndpoint }),
    ...(preset.settings.profile === "oidc" && { clientAuthentication: authentication.value }),
  };
  const { authorizationEndpoint, endSessionEndpoint } = found;
  return {
    recorded: {
      settings,
      authorizationEndpoint,
      ...(endSessionEndpoint !== undefined && { endSessionEndpoint }),
    },
    frontend,
    facts: [
      ...foundFacts(found, settings),
      ...(preset.settings.profile === "oidc" ? [authentication] : []),
      ...presetFacts(preset, Object.keys(settings)),
      ...assumedFacts(found, preset),
      ...frontendFacts(found, preset, frontend),
    ],
    cannot: [...preset.cannot, ...limitsOfProvider(found, preset)],
    unknown: preset.unknown,
  };
}

/** @throws ProviderError */
function assertUsable(found: Discovery): void {
  if (found.responseTypes?.includes("code") === false) {
    throw ProviderError.of("no_code_flow");
  }
  if (found.grantTypes?.includes("refresh_token") === false) {
    throw ProviderError.of("no_refresh_grant");
  }
  if (!ID_TOKEN_ALGS.some((alg) => isListed(found, alg))) {
    throw ProviderError.of("no_algorithm");
  }
  if (algsOf(found).length === 0) {
    throw ProviderError.of("no_usable_key");
  }
}

/** Algorithms that the provider lists and has a key for: no more, since the policy is closed. */
function algsOf(found: Discovery): readonly IdTokenAlg[] {
  return ID_TOKEN_ALGS.filter(
    (alg) => isListed(found, alg) && found.keys.some(({ usableFor }) => usableFor.includes(alg)),
  );
}

function isListed({ idTokenAlgs }: Discovery, alg: IdTokenAlg): boolean {
  return idTokenAlgs?.includes(alg) !== false;
}

/** OpenID Connect Discovery 1.0 section 3: a provider that lists no method has `…_basic`. */
function authenticationOf(
  { clientAuthentications: listed }: Discovery,
  { name, settings: { clientAuthentication: wanted } }: Preset,
): ProviderFact & { readonly value: IdpSettings["clientAuthentication"] } {
  const fact = { name: "clientAuthentication" };
  const byDefault = clientAuthenticationOf({ profile: "oidc" });
  const common = CLIENT_AUTHENTICATIONS.filter((method) => listed?.includes(method) === true);
  const preferred: readonly IdpSettings["clientAuthentication"][] = [wanted, byDefault, ...common];
  const value = preferred.find(
    (method) => method !== undefined && listed?.includes(listedMethodOf(method)) === true,
  );
  if (value !== undefined) {
    return { ...fact, value, from: "provider" };
  }
  return wanted !== undefined && name !== "oidc"
    ? { ...fact, value: wanted, from: "preset" }
    : {
        ...fact,
        value: wanted ?? byDefault,
        from: "assumed",
        risk: "the provider may reject the client (client_rejected)",
      };
}

function frontendOf(found: Discovery, { authorization, settings }: Preset): FrontendProvider {
  const { scopes, parameters, refreshTokenScope, pkce, nonce } = authorization;
  const wanted = new Set([
    ...scopes,
    ...(refreshTokenScope === undefined ? [] : [refreshTokenScope]),
  ]);
  // A scope that the provider does not know may be an error there (RFC 6749 section 4.1.2.1).
  if (refreshTokenScope !== undefined && found.scopes?.includes(refreshTokenScope) === false) {
    wanted.delete(refreshTokenScope);
  }
  const isOidc = settings.profile === "oidc";
  return {
    authorizationEndpoint: found.authorizationEndpoint,
    scope: [...wanted].join(" "),
    pkce: (pkce ?? isOidc) && found.challengeMethods?.includes("S256") !== false,
    nonce: nonce ?? isOidc,
    parameters,
  };
}

function foundFacts(
  found: Discovery,
  settings: RecordedProvider["settings"],
): readonly ProviderFact[] {
  const facts = Object.entries({ issuer: found.issuer, ...settings })
    .filter(([name]) => name !== "clientAuthentication")
    .map(([name, value]): ProviderFact => ({ name, value, from: "provider" }));
  return facts.map((fact) =>
    fact.name === "idTokenSigningAlgs" && found.idTokenAlgs === undefined
      ? {
          ...fact,
          from: "assumed",
          risk: "taken from the keys alone: tokens with another algorithm are refused",
        }
      : fact,
  );
}

/** What a stage has, where neither the provider nor its preset says anything. */
const ASSUMED: Readonly<Partial<Record<keyof IdpSettings, { value: unknown; risk: string }>>> = {
  refreshTokenRotation: {
    value: "strict",
    risk: "where the provider rotates less, a lost answer asks for a sign-in that nobody needed",
  },
  refreshTokenFormat: {
    value: "opaque",
    risk: "nothing is lost: a token that is handed in costs a refresh, to show whose it is",
  },
  refreshTokenIdleSeconds: {
    value: "never lapses",
    risk: "a connection that nobody uses may end at the provider, and its user signs in again",
  },
  idTokenMaxLifetimeSeconds: {
    value: 86_400,
    risk: "ID tokens that live longer are refused (invalid_lifetime)",
  },
  clockToleranceSeconds: {
    value: 60,
    risk: "tokens of a clock that is further ahead are refused (invalid_lifetime)",
  },
  trustedAudiences: {
    value: [],
    risk: "ID tokens for other audiences besides are refused (invalid_audience)",
  },
};

/** The preset `oidc` knows no provider: what it says is assumed. */
function presetFacts(
  { name: preset, settings }: Preset,
  found: readonly string[],
): readonly ProviderFact[] {
  return Object.entries(settings)
    .filter(([name]) => !found.includes(name) && name !== "clientAuthentication")
    .map(([name, value]) => {
      const risk = ASSUMED[name as keyof IdpSettings]?.risk;
      return preset === "oidc" && risk !== undefined
        ? { name, value, from: "assumed", risk }
        : { name, value, from: "preset" };
    });
}

function assumedFacts(found: Discovery, { settings }: Preset): readonly ProviderFact[] {
  const defaults = settings.profile === "oidc" ? Object.entries(ASSUMED) : [];
  const facts = defaults
    .filter(([name]) => !Object.hasOwn(settings, name))
    .map(([name, { value, risk }]): ProviderFact => ({ name, value, from: "assumed", risk }));
  const grant: ProviderFact =
    found.grantTypes === undefined
      ? {
          name: "grant_types",
          value: ["authorization_code", "refresh_token"],
          from: "assumed",
          risk: "people can sign in, and no refresh token comes (no_refresh_token)",
        }
      : { name: "grant_types", value: found.grantTypes, from: "provider" };
  return [...facts, grant];
}

function frontendFacts(
  found: Discovery,
  { name: preset, authorization }: Preset,
  frontend: FrontendProvider,
): readonly ProviderFact[] {
  const { authorizationEndpoint, scope, pkce, nonce, parameters } = frontend;
  const { refreshTokenScope } = authorization;
  const { endSessionEndpoint, challengeMethods, scopes } = found;
  const fromPreset = (name: string, value: unknown, risk: string): ProviderFact =>
    preset === "oidc" ? { name, value, from: "assumed", risk } : { name, value, from: "preset" };
  const isScopeListed = refreshTokenScope === undefined || scopes?.includes(refreshTokenScope);
  const scopeRisk = "another scope may be needed for a refresh token (no_refresh_token)";
  const pkceRisk = "a provider that ignores it does not bind the code to the browser";
  return [
    { name: "authorizationEndpoint", value: authorizationEndpoint, from: "provider" },
    isScopeListed === true
      ? fromPreset("scope", scope, scopeRisk)
      : { name: "scope", value: scope, from: "assumed", risk: scopeRisk },
    ...(Object.keys(parameters).length === 0
      ? []
      : [fromPreset("parameters", parameters, "people may see a page that nobody needed")]),
    challengeMethods === undefined
      ? fromPreset("pkce", pkce, pkceRisk)
      : { name: "pkce", value: pkce, from: "provider" },
    fromPreset("nonce", nonce, "sign-ins are refused (nonce_mismatch): then leave it out"),
    ...(endSessionEndpoint === undefined
      ? []
      : [{ name: "endSessionEndpoint", value: endSessionEndpoint, from: "provider" } as const]),
  ];
}
