/** What every function that believes ID tokens is wired from. */
import { createKeySet } from "../auth/key-set";
import { createIdTokenVerifier } from "../auth/id-token-verifier";
import type { IdpSettings } from "../env";
import { createAuthenticate } from "../http/authenticate";
import { createLogger } from "../http/logger";
import { systemClock } from "../http/system";
import { createHttpClient } from "../idp/http-client";
import { createProfile } from "../idp/profile";

export function wireVerification(settings: IdpSettings) {
  const clock = systemClock;
  const http = createHttpClient();
  const profile = createProfile(settings);
  const { jwksUri } = settings;
  const keySet = createKeySet({ jwksUri, algs: profile.idToken.algs, http, clock });
  const verification = { settings, profile, keySet, clock };
  const authenticate = createAuthenticate(createIdTokenVerifier(verification));
  return { clock, http, profile, verification, authenticate, logger: createLogger({ clock }) };
}
