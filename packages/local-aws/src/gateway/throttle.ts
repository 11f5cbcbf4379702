/**
 * Token buckets as API Gateway has them ("Throttle requests to your HTTP APIs for better
 * throughput", HTTP API developer guide), though exact: there they are applied on a best-effort
 * basis.
 */
import type { Throttle, Throttles } from "../template/throttles";

/** Whether a request of a route may go through now; if so it is counted. */
export type TakeTurn = (routeKey: string) => boolean;

/** A route with a throttle of its own has a bucket of its own, and all others share one. */
export function createThrottle({ others, routes }: Throttles, now: () => number): TakeTurn {
  const shared = others && createBucket(others, now);
  const own = new Map([...routes].map(([key, throttle]) => [key, createBucket(throttle, now)]));
  return (routeKey) => (own.get(routeKey) ?? shared ?? always)();
}

const always = () => true;

function createBucket({ rate, burst }: Throttle, now: () => number): () => boolean {
  let left = burst;
  let at = now();
  return () => {
    const time = now();
    left = Math.min(burst, left + (Math.max(0, time - at) / 1000) * rate);
    at = time;
    const isEnough = left >= 1;
    left -= isEnough ? 1 : 0;
    return isEnough;
  };
}
