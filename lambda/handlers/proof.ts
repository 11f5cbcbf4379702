/** How refresh tokens are shown to be the caller's own: by signature, or where they are opaque by one exchange. */
import { readEnvironment } from "../env";
import { createClientSecretSource, createSecretsManagerClient } from "../idp/client-secret";
import { createTokenEndpoint } from "../idp/token-endpoint";
import { createUserinfo } from "../idp/userinfo";
import type { RefreshTokenVerifier } from "../ports/tokens";
import {
  createProofByExchange,
  createProofBySignature,
  type Proof,
} from "../use-cases/refresh-token";
import type { wire } from "./wiring";

/** The client secret's address is read, and granted, only where tokens are opaque. */
export function createProof(
  {
    clock,
    http,
    profile,
    verification,
  }: Pick<ReturnType<typeof wire>, "clock" | "http" | "profile" | "verification">,
  verifier: RefreshTokenVerifier,
): Proof {
  if (profile.refreshToken.format === "jwt") {
    return createProofBySignature(verifier);
  }
  const { CLIENT_SECRET_ARN: arn } = readEnvironment(["CLIENT_SECRET_ARN"]);
  const { settings } = verification;
  const { userinfoEndpoint: url } = settings;
  return createProofByExchange({
    tokenEndpoint: createTokenEndpoint({ settings, profile, http, clock }),
    clientSecret: createClientSecretSource({ arn, client: createSecretsManagerClient(), clock }),
    userinfo: url === undefined ? undefined : createUserinfo({ url, profile, http }),
  });
}
