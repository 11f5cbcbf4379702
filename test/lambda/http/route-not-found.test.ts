import type { InvalidRequestError } from "../../../lambda/errors";
import { readEvent } from "../../../lambda/http/event";
import { createRouteNotFound } from "../../../lambda/http/route-not-found";
import { httpEvent } from "../../support/events";

const refuse = createRouteNotFound([
  "GET /me",
  "PUT /me",
  "DELETE /sessions/{id}",
  "GET /health",
  "$default",
]);

async function refusal(route: string): Promise<Pick<InvalidRequestError, "reason" | "allow">> {
  const event = readEvent(httpEvent(route), "1");
  const error: unknown = await refuse({ event }).catch((thrown: unknown) => thrown);
  const { reason, allow } = error as InvalidRequestError;
  return { reason, allow };
}

describe("S32: what no route is for", () => {
  test.each([
    ["POST /me", ["GET", "PUT"]],
    ["HEAD /me", ["GET", "PUT"]],
    ["GET /sessions/abc", ["DELETE"]],
    ["TRACE /health", ["GET"]],
  ])("%s is a method that the path does not take", async (route, allow) => {
    expect(await refusal(route)).toEqual({ reason: "method_not_allowed", allow });
  });

  test.each([
    "GET /",
    "GET /me/",
    "GET //me",
    "GET /ME",
    "GET /me/other",
    "GET /sessions",
    "GET /sessions/",
    "GET /sessions/a/b",
    "GET /__proto__",
  ])("%s is a path that does not exist", async (route) => {
    expect(await refusal(route)).toEqual({ reason: "not_found", allow: [] });
  });
});
