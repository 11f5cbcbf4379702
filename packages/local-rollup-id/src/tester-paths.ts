/**
 * Paths for tests and demos: they work while the provider is down on purpose, and are
 * not observed.
 */
const TOOLS = ["/faults", "/ledger", "/foreign-id-token"];

export function isTool(path: string): boolean {
  return TOOLS.includes(path);
}

/** Browsers ask for it by themselves: nothing that an app or a service did. */
export const ICON_PATH = "/favicon.ico";
