/** A saved query of a member that no line has would find nothing, and nobody would notice. */
import { createLogger } from "../../../lambda/platform/logger";
import type { LogFields } from "../../../lambda/ports/runtime";
import { onlyResource, resourcesOf, synthesize } from "../synth";

const { api } = synthesize();
const queries = resourcesOf(api, "AWS::Logs::QueryDefinition").map(([, { Properties }]) => ({
  name: String(Properties["Name"]),
  text: String(Properties["QueryString"]),
}));

/** All that a function's line can have. */
function lineMembers(): string[] {
  let line = "";
  const log = createLogger({
    clock: { now: () => 0 },
    write: (text) => {
      line = text;
    },
  });
  const every: Required<LogFields> = {
    requestId: "1",
    route: "GET /me",
    status: 200,
    code: "server_error",
    reason: "bug",
    outcome: "ok",
    durationMs: 1,
    retryAfterSeconds: 1,
    count: 1,
    cause: "Error",
    setting: "x",
  };
  log.info("request", every);
  return Object.keys(JSON.parse(line) as object);
}

function accessLogMembers(): string[] {
  const { AccessLogSettings } = onlyResource(api, "AWS::ApiGatewayV2::Stage").Properties;
  const { Format } = AccessLogSettings as { readonly Format: string };
  return Object.keys(JSON.parse(Format) as object);
}

/** What Logs Insights has by itself, and what a query names. */
const WORDS = /\b(?:fields|filter|sort|stats|limit|asc|desc|count|as|by|requests|and|ispresent)\b/g;

test("there are queries for a request, a caller, refusals and what went wrong", () => {
  const names = queries.map(({ name }) => name.split("/").at(-1));
  expect(names.sort()).toEqual(
    ["One caller", "One request", "Refusals by reason", "What went wrong"].sort(),
  );
});

test.each(queries)("$name asks for members that its lines have", ({ name, text }) => {
  const known = name.endsWith("One caller") ? accessLogMembers() : lineMembers();
  const asked = text
    .replace(/'[^']*'/g, "")
    .replace(WORDS, "")
    .match(/@?[A-Za-z]+/g);
  expect(asked?.length).toBeGreaterThan(0);
  expect(asked?.filter((one) => !one.startsWith("@") && !known.includes(one))).toEqual([]);
});
