/** Origins of apps that are developed against the run. */
import { isSafeUrl } from "../lib/safe-url";
import { LocalRunError } from "./local-run-error";

/**
 * Where development servers listen if nobody says otherwise: Next.js and Create React App, Vite's
 * preview, Angular, Astro, Vite, Python's http.server, webpack and Vue CLI.
 */
const USUAL_PORTS = [3000, 3001, 4173, 4200, 4321, 5173, 8000, 8080];

export const USUAL_FRONTENDS: readonly string[] = USUAL_PORTS.flatMap((port) =>
  twins(`http://localhost:${String(port)}`),
);

/**
 * @param text origins, separated by commas
 * @returns these, and their twins
 * @throws LocalRunError naming the variable
 */
export function readFrontends(text: string | undefined): readonly string[] {
  const parts = (text ?? "").split(",").map((part) => part.trim());
  return [
    ...new Set(parts.filter((part) => part !== "").flatMap((part) => twins(readOrigin(part)))),
  ];
}

/** Where the provider brings people back to. */
export function callbackOf(origin: string): string {
  return `${origin}/callback`;
}

function readOrigin(text: string): string {
  const url = isSafeUrl(text) ? new URL(text) : undefined;
  if (url === undefined || url.pathname !== "/" || url.search !== "") {
    throw new LocalRunError(
      `FRONTEND_URL must be origins like http://localhost:5173, separated by commas (https, or ` +
        `http on this machine; no path), and not ${JSON.stringify(text)}`,
    );
  }
  return url.origin;
}

/** A browser takes both names of this machine for two origins, and people do not. */
function twins(origin: string): readonly string[] {
  const { hostname } = new URL(origin);
  const other = { localhost: "127.0.0.1", "127.0.0.1": "localhost" }[hostname];
  return other === undefined ? [origin] : [origin, origin.replace(hostname, other)];
}
