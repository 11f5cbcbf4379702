/** The kill points, and what must follow each. */
import type { ProviderName } from "./providers/provider";

export const POINTS = [
  { name: "K1", says: "after the grant was read" },
  { name: "K2", says: "after the client secret came" },
  { name: "K3", says: "after the refresh token was unwrapped" },
  { name: "K4", says: "after the data key came" },
  { name: "K5", says: "intent applied, its answer lost" },
  { name: "K6", says: "after the watchdog was set" },
  { name: "K7", says: "connected to the provider" },
  { name: "K8", says: "request sent, not processed" },
  { name: "K9", says: "request processed, no answer" },
  { name: "K10", says: "half of the answer read" },
  { name: "K11", says: "answer in memory, not stored" },
  { name: "K12", says: "commit applied, its answer lost" },
  { name: "K13", says: "before the function returns" },
  { name: "K14", says: "after the function returned" },
] as const;

export type Point = (typeof POINTS)[number]["name"];

export const CALLERS = [1, 2, 8, 64] as const;

export type Callers = (typeof CALLERS)[number];

/** The lease was taken and not released: until it ends, no process may continue. */
const LEASED = new Set<Point>(["K5", "K6", "K7", "K8", "K9", "K10", "K11"]);
/** Only the killed process had the successor. */
const ANSWERED = new Set<Point>(["K9", "K10", "K11"]);

export function leavesLease(point: Point): boolean {
  return LEASED.has(point);
}

/** The token is lost, and the grant must say so: the user has to sign in again. */
export function mayBeLost(provider: ProviderName, point: Point): boolean {
  return (provider === "strict" || provider === "oidc-provider") && ANSWERED.has(point);
}

/** Step 4 exists only with rotation. */
export function isReachable(provider: ProviderName, point: Point): boolean {
  return point !== "K6" || provider !== "none";
}
