import type { IdpSettings } from "../env";
import type { IdpProfile } from "../ports/profile";
import { createOidcProfile } from "./profiles/oidc";
import { rollupProfile } from "./profiles/rollup";

export function createProfile(settings: IdpSettings): IdpProfile {
  return settings.profile === "rollup" ? rollupProfile : createOidcProfile(settings);
}
