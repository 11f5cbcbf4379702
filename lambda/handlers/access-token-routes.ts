/**
 * `POST /me/access-token`, `POST /service/access-token`, `DELETE /me/refresh-token`: opens what is sealed and knows the client
 * secret. Which of its two entries is deployed is the stage's: the queue's client is a tenth of the bundle, and most providers
 * do not rotate.
 */
import { readEnvironment } from "../env";
import { createEndpoint, serviceRoute, userRoute } from "../http/endpoint";
import { accessTokenBody, accessTokenWire, serviceBody } from "../http/grant-wire";
import { systemRandom, systemTimer } from "../http/system";
import { createClientSecretSource, createSecretsManagerClient } from "../idp/client-secret";
import { createTokenEndpoint } from "../idp/token-endpoint";
import { createKmsClient } from "../kms/client";
import { createKmsOpener } from "../kms/kms-opener";
import { createKmsSealer } from "../kms/kms-sealer";
import { createEndedMarks } from "../store/ended-marks";
import { createGrantStore } from "../store/grant-store";
import { createIssuanceReader } from "../store/issuance";
import { createWaitingRoom } from "../store/waiting-room";
import { createGetAccessToken } from "../refresh/get-access-token";
import { createDisconnect } from "../use-cases/disconnect";
import { createPatience } from "../refresh/patience";
import type { IdpProfile, Recovery } from "../ports";
import { wire, WIRED } from "./wiring";

/** @param recoveryOf where somebody comes back for a grant; undefined where the provider does not rotate */
export function createAccessTokenHandler(
  recoveryOf: (profile: IdpProfile) => Recovery | undefined,
) {
  const env = readEnvironment([
    ...WIRED,
    "REFRESH_TOKENS_TABLE",
    "GRANT_KEY_ARN",
    "CLIENT_SECRET_ARN",
    "SERVICE_ROLE_ARNS",
  ]);
  const settings = env.IDP_SETTINGS;
  const { limits, clock, http, documents, profile, dueAt, authenticate, logger } = wire(env);
  const cipher = {
    keyArn: env.GRANT_KEY_ARN,
    deployment: settings,
    client: createKmsClient(),
  };
  const table = { table: env.REFRESH_TOKENS_TABLE, client: documents };
  const dependencies = {
    grants: createGrantStore({ ...table, dueAt }),
    ended: createEndedMarks(table),
    issuance: createIssuanceReader({ ...table, clock }),
    waitingRoom: createWaitingRoom(table),
    waitingCallers: limits.waitingCallers,
    exchangeIntervalSeconds: limits.exchangeIntervalSeconds,
    sealer: createKmsSealer(cipher),
    opener: createKmsOpener(cipher),
    tokenEndpoint: createTokenEndpoint({ settings, profile, http, clock }),
    clientSecret: createClientSecretSource({
      arn: env.CLIENT_SECRET_ARN,
      client: createSecretsManagerClient(),
      clock,
    }),
    rotation: profile.refreshToken.rotation,
    patience: createPatience(settings.failingGrantSeconds),
    recovery: recoveryOf(profile),
    clock,
    timer: systemTimer,
    random: systemRandom,
  };
  const getAccessToken = createGetAccessToken(dependencies);
  const disconnectUser = createDisconnect({
    ...dependencies,
    revocation: settings.revocationEndpoint === undefined ? undefined : dependencies,
  });

  const postAccessToken = userRoute({
    body: accessTokenBody,
    handle: async ({ caller, body, routeKey, deadline, log }) => {
      const { sub, evidence } = caller;
      const call = { sub, evidence, by: routeKey, deadline, log };
      const token = await getAccessToken({ ...call, minValiditySeconds: body.min_validity });
      return { status: 200, body: accessTokenWire(token, clock.now()) };
    },
  });

  const postServiceAccessToken = serviceRoute({
    roles: env.SERVICE_ROLE_ARNS,
    body: serviceBody(profile.idToken.subPattern),
    handle: async ({ roleArn, body, deadline, log }) => {
      const call = { sub: body.sub, by: roleArn, requireAuditEntry: true, deadline, log };
      const token = await getAccessToken({ ...call, minValiditySeconds: body.min_validity });
      return { status: 200, body: accessTokenWire(token, clock.now()) };
    },
  });

  const deleteRefreshToken = userRoute({
    handle: async ({ caller, routeKey, deadline, log }) => {
      const { sub, evidence } = caller;
      await disconnectUser({ sub, evidence, by: routeKey, deadline, log });
      return { status: 204 };
    },
  });

  const routes = {
    "POST /me/access-token": postAccessToken,
    "POST /service/access-token": postServiceAccessToken,
    "DELETE /me/refresh-token": deleteRefreshToken,
  };

  return createEndpoint({ routes, authenticate, logger, clock });
}
