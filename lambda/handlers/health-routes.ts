/**
 * `GET /health`, `GET /openapi.json`, and every request without a route.
 *
 * The stage deploys one of two entries: health.ts, or health-with-keys.ts where keys of the stage
 * sign as this client. The KMS client is as large as everything else in the bundle.
 */
import { readVariable } from "../env";
import { UnauthorizedError } from "../errors";
import { createEndpoint, publicRoute, type Route } from "../http/endpoint";
import { sendOpenapi } from "../http/openapi";
import { createRouteNotFound } from "../http/route-not-found";
import { systemClock } from "../platform/clock";
import { createLogger } from "../platform/logger";

export function createHealthHandler(more: Readonly<Record<string, Route>> = {}) {
  const routes = {
    "GET /health": publicRoute({ handle: () => ({ status: 200, body: { status: "ok" } }) }),
    "GET /openapi.json": publicRoute({ handle: sendOpenapi }),
    ...more,
    $default: createRouteNotFound(readVariable("ROUTES")),
  };
  return createEndpoint({
    routes,
    authenticate: () => Promise.reject(new UnauthorizedError("missing_credentials")),
    logger: createLogger({ clock: systemClock, namespace: readVariable("METRICS_NAMESPACE") }),
    clock: systemClock,
  });
}
