/**
 * `POST /me/access-token`, `POST /service/access-token`, `DELETE /me/refresh-token`: refreshes, so
 * it seals, opens and knows the client secret.
 *
 * The stage deploys one of two entries: access-token.ts, or access-token-rotating.ts where the
 * provider rotates refresh tokens. The SQS client is a tenth of the bundle, and most providers do
 * not rotate.
 */
import {
  authentication,
  type Base,
  clientAuthentication,
  createBase,
  endedMarks,
  grantStore,
  issuanceReader,
  opener,
  refreshTokensTable,
  revocation,
  sealer,
  tokenEndpoint,
} from "../composition";
import { readVariable } from "../env";
import {
  accessTokenBody,
  serviceBody,
  toAccessTokenResponse,
  toWanted,
} from "../http/access-token-dto";
import {
  createEndpoint,
  type RouteRequest,
  type RouteResult,
  serviceRoute,
  userRoute,
} from "../http/endpoint";
import { systemTimer } from "../platform/clock";
import { systemRandom } from "../platform/random";
import type { Recovery } from "../ports/queues";
import { type AccessTokenRequest, createGetAccessToken } from "../refresh/get-access-token";
import { createPatience } from "../refresh/patience";
import { createWaitingRoom } from "../store/waiting-room";
import { createDisconnect } from "../use-cases/disconnect";

/** @param recoveryOf makes the recovery queue; undefined where the provider does not rotate */
export function createAccessTokenHandler(recoveryOf: (base: Base) => Recovery | undefined) {
  const base = createBase(readVariable);
  const { clock, profile, settings, log } = base;
  const { authenticate, limits, idTokenPolicy } = authentication(base);
  const dependencies = {
    grants: grantStore(base),
    ended: endedMarks(base),
    issuance: issuanceReader(base),
    waitingRoom: createWaitingRoom(refreshTokensTable(base)),
    waitingCallers: limits.waitingCallers,
    exchangeIntervalSeconds: limits.exchangeIntervalSeconds,
    sealer: sealer(base),
    opener: opener(base),
    tokenEndpoint: tokenEndpoint(base),
    clientAuthentication: clientAuthentication(base),
    rotation: profile.refreshToken.rotation,
    patience: createPatience(settings.failingGrantSeconds),
    recovery: recoveryOf(base),
    revocation: revocation(base),
    clock,
    timer: systemTimer,
    random: systemRandom,
  };
  const getAccessToken = createGetAccessToken(dependencies);
  const disconnectUser = createDisconnect(dependencies);

  async function hand(
    marks: RouteRequest<unknown>["marks"],
    request: Omit<AccessTokenRequest, "onRefreshNeeded">,
  ): Promise<RouteResult> {
    const onRefreshNeeded = () => {
      marks.needsRefresh = true;
    };
    const token = await getAccessToken({ ...request, onRefreshNeeded });
    const outcome = marks.needsRefresh ? "exchanged" : "kept";
    return { status: 200, outcome, body: toAccessTokenResponse(token, clock.now()) };
  }

  const postAccessToken = userRoute({
    body: accessTokenBody,
    handle: async ({ caller, body, routeKey, deadline, log, marks }) => {
      const { sub, evidence } = caller;
      const call = { sub, evidence, by: routeKey, deadline, log };
      return await hand(marks, { ...call, ...toWanted(body) });
    },
  });

  const postServiceAccessToken = serviceRoute({
    roles: readVariable("SERVICE_ROLE_ARNS"),
    body: serviceBody(idTokenPolicy.subPattern),
    handle: async ({ roleArn, body, deadline, log, marks }) => {
      const call = { sub: body.sub, by: roleArn, requireAuditEntry: true, deadline, log };
      return await hand(marks, { ...call, ...toWanted(body) });
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

  return createEndpoint({ routes, authenticate, logger: log, clock });
}
