/**
 * Throttles of single routes. Each route has its own token bucket, so a flooded one does not starve
 * the others.
 */

export interface Throttle {
  /** Requests per second. */
  readonly rate: number;
  readonly burst: number;
}

/**
 * Each route's share of the stage's rate and burst, unless the stage file says otherwise. Small for
 * routes that cause requests to the provider or read many items, and for rare ones.
 */
const SHARES = {
  "PUT /me": 0.5,
  "GET /me": 0.8,
  "PATCH /me": 0.5,
  "DELETE /me": 0.1,
  "GET /me/export": 0.1,
  "PUT /me/refresh-token": 0.2,
  "GET /me/refresh-token": 0.4,
  "DELETE /me/refresh-token": 0.2,
  "POST /me/access-token": 0.8,
  "POST /service/access-token": 0.5,
  "POST /sessions": 0.4,
  "GET /sessions": 0.2,
  "DELETE /sessions": 0.2,
  "DELETE /sessions/current": 0.2,
  "DELETE /sessions/{id}": 0.2,
  "GET /health": 0.2,
  "GET /openapi.json": 0.2,
  "GET /.well-known/jwks.json": 0.2,
  $default: 0.2,
} as const;

export type RouteKey = keyof typeof SHARES;

export const ROUTE_KEYS = Object.keys(SHARES) as readonly RouteKey[];

/** The throttle of a route: its share, or what the stage file says. A burst is 1 at least. */
export function throttleOf(
  routeKey: RouteKey,
  stage: Throttle & { readonly routes?: Partial<Record<RouteKey, Throttle>> },
): Throttle {
  const share = SHARES[routeKey];
  return (
    stage.routes?.[routeKey] ?? {
      rate: stage.rate * share,
      burst: Math.max(1, Math.floor(stage.burst * share)),
    }
  );
}
