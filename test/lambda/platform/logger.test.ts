import { createLogger } from "../../../lambda/platform/logger";
import type { LogFields } from "../../../lambda/ports/runtime";
import { NOW } from "../../support/tokens";

function written(fields: LogFields | undefined): Record<string, unknown> {
  const lines: string[] = [];
  const write = (line: string) => {
    lines.push(line);
  };
  createLogger({ clock: { now: () => NOW }, write }).warn("spilled", fields);
  return JSON.parse(lines[0] ?? "{}") as Record<string, unknown>;
}

describe("the logger", () => {
  test("writes one line of JSON with time, level and event", () => {
    expect(written({ route: "GET /me", status: 200 })).toEqual({
      at: "2026-06-01T12:00:00.000Z",
      level: "warn",
      event: "spilled",
      route: "GET /me",
      status: 200,
    });
  });

  test("S36: drops whatever is not on the list, and values of another type", () => {
    const fields = { token: "secret", headers: {}, status: "200", reason: { nested: "secret" } };
    expect(written(fields as unknown as LogFields)).toEqual({
      at: expect.any(String) as string,
      level: "warn",
      event: "spilled",
    });
  });

  test("S36: a text longer than any word of ours is cut", () => {
    expect(String(written({ cause: "x".repeat(5_000) })["cause"])).toHaveLength(100);
  });
});
