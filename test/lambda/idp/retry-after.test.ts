import { NOW } from "../../support/tokens";
import { outcome } from "./answers";

describe("S51: Retry-After", () => {
  test.each([
    ["7", 7],
    ["0", 0],
    ["999999", 3_600],
    ["9".repeat(400), 3_600],
    [new Date(NOW + 30_000).toUTCString(), 30],
    [new Date(NOW - 30_000).toUTCString(), 0],
    ["Monday, 01-Jun-26 12:00:30 GMT", 30],
    ["Mon, 99 Nonsense", undefined],
    ["soon", undefined],
    ["-5", undefined],
    ["1.5", undefined],
    ["2030", 2_030],
    ["2030-01-01", undefined],
    ["", undefined],
  ])("%p is read as %p seconds", (value, retryAfterSeconds) => {
    for (const [status, cause, processed] of [
      [429, "idp_rate_limited", "no"],
      [503, "idp_unavailable", "maybe"],
    ] as const) {
      const answer = outcome(status, "", { headers: { "retry-after": value } });
      expect(answer).toEqual({ kind: "failed", cause, processed, retryAfterSeconds });
    }
  });
});
