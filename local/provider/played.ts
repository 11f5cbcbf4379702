/** A local provider with the habits that a preset's file names. */
import { join } from "node:path";
import type { Habits } from "@rollup-vault/local-oidc/habits";
import { type LocalOidc, startLocalOidc } from "@rollup-vault/local-oidc/start";
import type { IdpSettings } from "../../lambda/env";
import type { Preset } from "../../lib/provider/preset";
import { fillTemplate, matchIssuer } from "../../lib/provider/resolve";
import type { Cleanup } from "../cleanup";
import type { ProviderWorld, RunningProvider } from "./provider";
import { shortTitle } from "./titles";

interface PlayedWorld extends ProviderWorld {
  readonly preset: Preset;
  readonly port: number;
}

export async function playPreset(
  { preset, port, folder, redirectUris, onRequest }: PlayedWorld,
  cleanup: Cleanup,
): Promise<RunningProvider> {
  const habits = habitsOf(preset);
  const dataFolder = join(folder, "provider");
  const started = await startLocalOidc({ habits, port, redirectUris, dataFolder, onRequest });
  const { issuer, origin, clientId, clientSecret } = cleanup.add(started);
  const { scopes, parameters, pkce = true, nonce = true } = preset.authorization;
  return {
    title: habits.title,
    issuer,
    clientId,
    clientSecret,
    authorizationEndpoint: `${origin}${habits.authorization}`,
    frontend: { scope: scopes.join(" "), parameters, pkce, nonce, iss: false },
    isLocal: true,
    preset: preset.name,
    faults: { url: `${origin}/faults`, kind: "oidc" },
    settings: playedSettings(preset, started),
  };
}

/** What a stage beside it has. */
export function playedSettings(
  preset: Preset,
  { issuer, clientId, origin }: Pick<LocalOidc, "issuer" | "clientId" | "origin">,
): IdpSettings {
  const { settings, needs } = preset;
  const habits = habitsOf(preset);
  return {
    ...settings,
    // The preset's file always lists some.
    idTokenSigningAlgs: settings.idTokenSigningAlgs ?? [],
    clientAuthentication: habits.clientAuthentication,
    issuer,
    clientId,
    ...endpointsOf(habits, origin),
    ...(needs?.trustedAudiences && { trustedAudiences: needs.trustedAudiences.example }),
  };
}

function endpointsOf({ jwks, token, userinfo, revocation }: Habits, origin: string) {
  return {
    jwksUri: `${origin}${jwks}`,
    tokenEndpoint: `${origin}${token}`,
    ...(userinfo !== undefined && { userinfoEndpoint: `${origin}${userinfo}` }),
    ...(revocation !== undefined && { revocationEndpoint: `${origin}${revocation}` }),
  };
}

/** Where only the provider's own document says them. */
const PATHS = { authorization: "/authorize", token: "/token", jwks: "/jwks" };
/** "The old one stays good", as far as anyone tries it out. */
const GRACE_SECONDS = 3_600;
const DEFAULT_LIFETIME_SECONDS = 3_600;

export function habitsOf(preset: Preset): Habits {
  const { issuer, endpoints = {}, authorizationEndpoint, endSessionEndpoint } = preset;
  const { settings, habits, plays, authorization } = preset;
  const parts = matchIssuer(preset, issuer.example);
  const pathOf = (template: string) =>
    new URL(fillTemplate(template, issuer.example, parts)).pathname;
  const { jwksUri, tokenEndpoint, userinfoEndpoint, revocationEndpoint } = endpoints;
  const rotation = settings.refreshTokenRotation ?? "strict";
  const { refreshTokenIdleSeconds: idleSeconds, idTokenSigningAlgs: algs = [] } = settings;
  const { idTokenLifetimeSeconds: lifetime } = habits;
  const { refreshTokenScope: scope } = authorization;
  const { refreshTokenParameters: parameters } = plays;
  return {
    title: shortTitle(preset),
    issuerPath: issuer.example.slice(new URL(issuer.example).origin.length),
    authorization: authorizationEndpoint ? pathOf(authorizationEndpoint) : PATHS.authorization,
    token: tokenEndpoint ? pathOf(tokenEndpoint) : PATHS.token,
    jwks: jwksUri ? pathOf(jwksUri) : PATHS.jwks,
    ...(userinfoEndpoint !== undefined && { userinfo: pathOf(userinfoEndpoint) }),
    ...(revocationEndpoint !== undefined && { revocation: pathOf(revocationEndpoint) }),
    ...(endSessionEndpoint !== undefined && { endSession: pathOf(endSessionEndpoint) }),
    ...plays.paths,
    clientAuthentication: clientAuthenticationOf(settings),
    subject: plays.subject,
    idToken: {
      alg: algs[0] ?? "RS256",
      lifetimeSeconds: lifetime === "unknown" ? DEFAULT_LIFETIME_SECONDS : lifetime,
      backdatedSeconds: plays.backdatedSeconds ?? 0,
      atHash: plays.atHash ?? false,
      claims: plays.idTokenClaims,
    },
    accessToken: plays.accessToken,
    refreshToken: {
      rotation,
      ...(rotation === "grace" && { graceSeconds: plays.graceSeconds ?? GRACE_SECONDS }),
      ...(idleSeconds !== undefined && { idleSeconds }),
      ...(scope !== undefined && { scope }),
      ...(parameters !== undefined && { parameters }),
    },
    refreshBrings: plays.refreshBrings,
    deadGrant: plays.deadGrant,
    scopes: preset.scopes,
  };
}

/** A key of the client's is not played: a secret stands for it. */
function clientAuthenticationOf({
  clientAuthentication: method = "client_secret_basic",
}: Preset["settings"]): Habits["clientAuthentication"] {
  const played = ["client_secret_basic", "client_secret_post", "none"] as const;
  return played.find((each) => each === (method as string)) ?? "client_secret_post";
}
