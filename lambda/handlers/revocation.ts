/** What it takes to revoke a refresh token; asked of the environment, and granted, only where the provider has an endpoint for it. */
import { readEnvironment, type IdpSettings } from "../env";
import { createClientSecretSource, createSecretsManagerClient } from "../idp/client-secret";
import { createTokenEndpoint } from "../idp/token-endpoint";
import { createKmsClient } from "../kms/client";
import { createKmsOpener } from "../kms/kms-opener";
import type { RevokeDependencies } from "../refresh/revoke";
import type { Clock, HttpClient, IdpProfile } from "../ports";

export function createRevocation({
  clock,
  http,
  profile,
  verification,
}: {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly profile: IdpProfile;
  readonly verification: { readonly settings: IdpSettings };
}): RevokeDependencies | undefined {
  const { settings } = verification;
  if (settings.revocationEndpoint === undefined) {
    return undefined;
  }
  const { GRANT_KEY_ARN: keyArn, CLIENT_SECRET_ARN: arn } = readEnvironment([
    "GRANT_KEY_ARN",
    "CLIENT_SECRET_ARN",
  ]);
  return {
    opener: createKmsOpener({ keyArn, deployment: settings, client: createKmsClient() }),
    tokenEndpoint: createTokenEndpoint({ settings, profile, http, clock }),
    clientSecret: createClientSecretSource({ arn, client: createSecretsManagerClient(), clock }),
  };
}
