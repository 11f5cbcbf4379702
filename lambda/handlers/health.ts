/**
 * `GET /health`, `GET /openapi.json`, and every request without a route. It has no rights and no
 * secrets.
 */
import { readVariable } from "../env";
import { UnauthorizedError } from "../errors";
import { createEndpoint, publicRoute } from "../http/endpoint";
import { sendOpenapi } from "../http/openapi";
import { createRouteNotFound } from "../http/route-not-found";
import { systemClock } from "../platform/clock";
import { createLogger } from "../platform/logger";

const routes = {
  "GET /health": publicRoute({ handle: () => ({ status: 200, body: { status: "ok" } }) }),
  "GET /openapi.json": publicRoute({ handle: sendOpenapi }),
  $default: createRouteNotFound(readVariable("ROUTES")),
};

export const handler = createEndpoint({
  routes,
  authenticate: () => Promise.reject(new UnauthorizedError("missing_credentials")),
  logger: createLogger({ clock: systemClock }),
  clock: systemClock,
});
