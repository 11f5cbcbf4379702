/** `GET /health`, and everything that no route is for. Reaches nothing and knows nothing. */
import { readEnvironment } from "../env";
import { createEndpoint, publicRoute } from "../http/endpoint";
import { createLogger } from "../http/logger";
import { refuseUnlisted } from "../http/unlisted";
import { systemClock } from "../http/system";
import { UnauthorizedError } from "../errors";

const { ROUTES } = readEnvironment(["ROUTES"]);

const routes = {
  "GET /health": publicRoute({ handle: () => ({ status: 200, body: { status: "ok" } }) }),
  $default: refuseUnlisted(ROUTES),
};

export const handler = createEndpoint({
  routes,
  authenticate: () => Promise.reject(new UnauthorizedError("missing_credentials")),
  logger: createLogger({ clock: systemClock }),
  clock: systemClock,
});
