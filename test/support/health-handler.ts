/** The real `health` function. It reads its environment when it is loaded, so that comes first. */
import type * as health from "../../lambda/handlers/health";

const ROUTES = ["GET /me", "PUT /me", "DELETE /sessions/{id}", "GET /health"];

export function loadHealthHandler(): typeof health.handler {
  process.env["METRICS_NAMESPACE"] = "RollupVault/test";
  process.env["ROUTES"] = JSON.stringify(ROUTES);
  return jest.requireActual<typeof health>("../../lambda/handlers/health").handler;
}
