/**
 * What each provider issues where its owner has set nothing, after the pages that its preset names.
 */
import type { PresetName } from "../../../../lib/provider/preset";
import { apple, auth0, cognito, entra, google, okta } from "./companies";
import { keycloak, logto, oidc, rollup, supabase, zitadel } from "./open-source";
import { type DefaultTokens, UUID } from "./shape";

export const DEFAULT_TOKENS: Readonly<Record<PresetName, DefaultTokens>> = {
  rollup: rollup(),
  auth0: auth0(),
  entra: entra("entra", "login.microsoftonline.com"),
  "entra-external": entra("entra-external", `${UUID}.ciamlogin.com`),
  okta: okta(),
  google: google(),
  cognito: cognito(),
  keycloak: keycloak(),
  zitadel: zitadel(),
  logto: logto(),
  supabase: supabase(),
  apple: apple(),
  oidc: oidc(),
};
