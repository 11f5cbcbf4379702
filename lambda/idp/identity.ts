import type { IdpSettings } from "../env";
import type { CodeFlow, IdentityProfile, PickUserinfo } from "../ports/profile";
import { createOidcCodeFlow, createOidcIdentity, pickOidcUserinfo } from "./profiles/oidc-identity";
import {
  createRollupIdentity,
  pickRollupUserinfo,
  rollupCodeFlow,
} from "./profiles/rollup-identity";

export function createIdentity(settings: IdpSettings): IdentityProfile {
  return settings.profile === "rollup"
    ? createRollupIdentity(settings)
    : createOidcIdentity(settings);
}

export function pickUserinfoOf({ profile }: Pick<IdpSettings, "profile">): PickUserinfo {
  return profile === "rollup" ? pickRollupUserinfo : pickOidcUserinfo;
}

export function codeFlowOf(settings: IdpSettings): CodeFlow {
  return settings.profile === "rollup" ? rollupCodeFlow : createOidcCodeFlow(settings);
}
