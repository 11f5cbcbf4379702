/**
 * How many random orders a property test plays: as many as `npm test` has time for, each run by
 * seeds of its own. `npm run proof:orders` plays ten times as many (`ORDERS_FACTOR`).
 */
const FACTOR = Number(process.env["ORDERS_FACTOR"] ?? 1);

export const orders = (count: number): number => count * FACTOR;

/** Milliseconds that a test of so many may take: on a busy machine they take minutes. */
export const ORDERS_TIMEOUT_MS = orders(300_000);
