/** `PUT /me/refresh-token`, `GET /me/refresh-token`: seals what it takes in, and cannot open it again. */
import { readEnvironment } from "../env";
import { createRefreshTokenVerifier } from "../auth/refresh-token-verifier";
import { createEndpoint, userRoute } from "../http/endpoint";
import { refreshTokenBody, refreshTokenStatusWire } from "../http/grant-wire";
import { systemRandom } from "../platform/random";
import { createKmsClient } from "../kms/client";
import { createKmsSealer } from "../kms/kms-sealer";
import { createEndedMarks } from "../store/ended-marks";
import { createGrantStore } from "../store/grant-store";
import { createBudget } from "../use-cases/budget";
import {
  createBoundedProof,
  createGetRefreshTokenStatus,
  createStoreRefreshToken,
} from "../use-cases/refresh-token";
import { createProof } from "./proof";
import { wire, WIRED } from "./wiring";

const env = readEnvironment([...WIRED, "REFRESH_TOKENS_TABLE", "GRANT_KEY_ARN"]);
const deployment = env.IDP_SETTINGS;
const wired = wire(env);
const { clock, documents, dueAt, authenticate, logger } = wired;
const table = { table: env.REFRESH_TOKENS_TABLE, client: documents };
const grants = createGrantStore({ ...table, dueAt });
const sealer = createKmsSealer({
  keyArn: env.GRANT_KEY_ARN,
  deployment,
  client: createKmsClient(),
});
const proof = createBoundedProof(
  createProof(wired, createRefreshTokenVerifier(wired.verification)),
  createBudget({ perMinute: wired.limits.refreshTokensPerMinute, clock }),
);
const storeRefreshToken = createStoreRefreshToken({
  grants,
  sealer,
  proof,
  clock,
  random: systemRandom,
});
const getRefreshTokenStatus = createGetRefreshTokenStatus({
  grants,
  ended: createEndedMarks(table),
});

const putRefreshToken = userRoute({
  body: refreshTokenBody,
  handle: async ({ caller, body, routeKey }) => {
    const { evidence } = caller;
    const refreshToken = body.refresh_token;
    const grant = await storeRefreshToken({ evidence, by: routeKey, refreshToken });
    return { status: 200, body: refreshTokenStatusWire(grant) };
  },
});

const getRefreshToken = userRoute({
  handle: async ({ caller }) => ({
    status: 200,
    body: refreshTokenStatusWire(await getRefreshTokenStatus(caller.evidence)),
  }),
});

const routes = {
  "PUT /me/refresh-token": putRefreshToken,
  "GET /me/refresh-token": getRefreshToken,
};

export const handler = createEndpoint({ routes, authenticate, logger, clock });
