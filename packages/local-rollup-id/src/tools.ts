/**
 * Paths for tests and demos: they work while the provider itself is programmed to be down, and are
 * no part of what it is seen doing.
 */
const TOOLS = ["/faults", "/ledger"];

export function isTool(path: string): boolean {
  return TOOLS.includes(path);
}
