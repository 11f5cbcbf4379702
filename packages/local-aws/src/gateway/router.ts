import findMyWay, { type HTTPMethod } from "find-my-way";
import type { Route } from "../template/application";
import type { Match } from "./event";

interface RoutedFunction extends Match, Pick<Route, "functionId" | "authorization"> {}

export interface Router {
  /** undefined: no route fits and the API has no `$default`. */
  find(method: string, path: string): RoutedFunction | undefined;
}

const DEFAULT = "$default";

/** Route keys as HTTP APIs have them: `GET /a/{id}`, `ANY /a/{rest+}`, `$default`. */
export function createRouter(routes: readonly Route[]): Router {
  const exact = table(routes.filter(({ key }) => key !== DEFAULT && !key.startsWith("ANY ")));
  const anyMethod = table(routes.filter(({ key }) => key.startsWith("ANY ")));
  const fallback = routes.find(({ key }) => key === DEFAULT);
  return {
    find: (method, path) =>
      exact(method, path) ??
      anyMethod("GET", path) ??
      (fallback && {
        routeKey: DEFAULT,
        pathParameters: {},
        functionId: fallback.functionId,
        authorization: fallback.authorization,
      }),
  };
}

function table(routes: readonly Route[]) {
  const router = findMyWay({ caseSensitive: true, ignoreTrailingSlash: false });
  for (const route of routes) {
    const [method = "", path = ""] = route.key.split(" ");
    const greedy = /\{(\w+)\+\}$/.exec(path)?.[1];
    const pattern = path.replace(/\{\w+\+\}$/, "*").replaceAll(/\{(\w+)\}/g, ":$1");
    const name = (parameters: Record<string, string | undefined>) =>
      Object.fromEntries(
        Object.entries(parameters).map(([key, value]) => [
          key === "*" ? (greedy ?? key) : key,
          value ?? "",
        ]),
      );
    router.on((method === "ANY" ? "GET" : method) as HTTPMethod, pattern, unused, { route, name });
  }
  return (method: string, path: string): RoutedFunction | undefined => {
    const found = router.find(method as HTTPMethod, path);
    if (found === null) {
      return undefined;
    }
    const { route, name } = found.store as {
      route: Route;
      name: (parameters: Record<string, string | undefined>) => Record<string, string>;
    };
    return {
      routeKey: route.key,
      functionId: route.functionId,
      authorization: route.authorization,
      pathParameters: name(found.params),
    };
  };
}

/** The router only finds; calling is the gateway's part. */
function unused(): void {
  throw new Error("routes are looked up, never called");
}
