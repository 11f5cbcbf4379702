/** Client authentication for tests: the real one, over a secret that the test has. */
import { clientAuthenticationOf } from "../../lambda/client-authentication";
import type { IdpSettings } from "../../lambda/env";
import { createSecretAuthentication } from "../../lambda/idp/client-authentication";
import type { ClientSecretSource } from "../../lambda/idp/client-secret";
import type { ClientAuthentication, ClientCredentials } from "../../lambda/ports/provider";
import { CLIENT_ID } from "./tokens";
import { ROLLUP_SETTINGS } from "./users-api";

export function secretSource(secret = "secret"): ClientSecretSource {
  return { current: () => Promise.resolve(secret), reread: () => Promise.resolve(secret) };
}

/** @param settings @default Rollup ID's, which takes the secret in the form */
export function authenticateBy(
  source: ClientSecretSource,
  settings: IdpSettings = ROLLUP_SETTINGS,
): ClientAuthentication {
  return createSecretAuthentication({
    clientId: CLIENT_ID,
    isBasic: clientAuthenticationOf(settings) === "client_secret_basic",
    source,
  });
}

/** In the form. */
export function postedSecret(secret: string): ClientCredentials {
  return { fields: { client_id: CLIENT_ID, client_secret: secret } };
}

export function secretIn({ fields }: ClientCredentials): string {
  return fields["client_secret"] ?? "";
}
