/**
 * 404 for a path that does not exist, 405 with `Allow` for a method that the path does not have.
 */
import { InvalidRequestError } from "../errors";
import type { HttpEvent } from "./event";

interface RoutePattern {
  readonly method: string;
  readonly segments: readonly string[];
}

/** @param routeKeys of the whole API: `GET /me`, `DELETE /sessions/{id}`, … */
export function createRouteNotFound(routeKeys: readonly string[]) {
  const listed = routeKeys.flatMap((routeKey): RoutePattern[] => {
    const [method = "", path] = routeKey.split(" ");
    return path === undefined ? [] : [{ method, segments: path.split("/") }];
  });

  return ({ event }: { readonly event: HttpEvent }): Promise<never> => {
    const segments = event.path.split("/");
    const allow = listed.filter((each) => matches(each, segments)).map(({ method }) => method);
    return Promise.reject(
      allow.length === 0
        ? new InvalidRequestError("not_found")
        : new InvalidRequestError("method_not_allowed", { allow: [...new Set(allow)] }),
    );
  };
}

function matches({ segments }: RoutePattern, actual: readonly string[]): boolean {
  return (
    segments.length === actual.length &&
    segments.every((segment, at) =>
      segment.startsWith("{") ? actual[at] !== "" : actual[at] === segment,
    )
  );
}
