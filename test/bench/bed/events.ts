/** The requests that are measured, as API Gateway hands them over. */
import { httpEvent } from "../../support/events";

/** Beyond any token's rest of life: the caller wants a new one. */
const NEW_ONE_SECONDS = 3_600 * 24;

interface Call {
  readonly bearer?: string;
  readonly json?: object;
}

function event(route: string, { bearer, json }: Call = {}) {
  return httpEvent(route, {
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(json !== undefined && { "content-type": "application/json" }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
}

export const putMe = (bearer: string) => event("PUT /me", { bearer });
export const getMe = (bearer: string) => event("GET /me", { bearer });
export const exportMe = (bearer: string) => event("GET /me/export", { bearer });
export const openSession = (bearer: string) => event("POST /sessions", { bearer });
export const health = () => event("GET /health");
export const accessToken = (bearer: string) => event("POST /me/access-token", { bearer });

export const newAccessToken = (bearer: string) =>
  event("POST /me/access-token", { bearer, json: { min_validity: NEW_ONE_SECONDS } });

export const putRefreshToken = (bearer: string, refreshToken: string) =>
  event("PUT /me/refresh-token", { bearer, json: { refresh_token: refreshToken } });

export const jwks = () => event("GET /.well-known/jwks.json");

/** As a recovery queue sends it: the watchdog of an exchange that has long ended. */
export const watchdog = (sub: string) => ({
  Records: [
    {
      messageId: "watchdog",
      body: JSON.stringify({ v: 1, kind: "watch", sub, grantId: "ended", owner: "ended" }),
      attributes: { ApproximateReceiveCount: "1" },
    },
  ],
});

/** As EventBridge Scheduler sends it. */
export const scheduled = () => ({});
