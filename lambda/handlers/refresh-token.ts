/** `PUT /me/refresh-token`, `GET /me/refresh-token`: seals refresh tokens, and cannot open them. */
import {
  authentication,
  createBase,
  endedMarks,
  grantStore,
  ownershipCheck,
  sealer,
} from "../composition";
import { readVariable } from "../env";
import { createEndpoint, userRoute } from "../http/endpoint";
import { refreshTokenBody, toGrantStatusResponse } from "../http/grant-dto";
import { systemRandom } from "../platform/random";
import { createBudget } from "../use-cases/budget";
import {
  createBoundedCheck,
  createGetRefreshTokenStatus,
  createStoreRefreshToken,
} from "../use-cases/refresh-token";

const base = createBase(readVariable);
const { clock, log } = base;
const auth = authentication(base);
const grants = grantStore(base);
const storeRefreshToken = createStoreRefreshToken({
  grants,
  sealer: sealer(base),
  ownership: createBoundedCheck(
    ownershipCheck(base, auth),
    createBudget({ perMinute: auth.limits.refreshTokensPerMinute, clock }),
  ),
  clock,
  random: systemRandom,
});
const getRefreshTokenStatus = createGetRefreshTokenStatus({ grants, ended: endedMarks(base) });

const putRefreshToken = userRoute({
  body: refreshTokenBody,
  handle: async ({ caller, body, routeKey }) => {
    const { evidence } = caller;
    const refreshToken = body.refresh_token;
    const grant = await storeRefreshToken({ evidence, by: routeKey, refreshToken });
    return { status: 200, body: toGrantStatusResponse(grant) };
  },
});

const getRefreshToken = userRoute({
  handle: async ({ caller }) => ({
    status: 200,
    body: toGrantStatusResponse(await getRefreshTokenStatus(caller.evidence)),
  }),
});

const routes = {
  "PUT /me/refresh-token": putRefreshToken,
  "GET /me/refresh-token": getRefreshToken,
};

export const handler = createEndpoint({
  routes,
  authenticate: auth.authenticate,
  logger: log,
  clock,
});
