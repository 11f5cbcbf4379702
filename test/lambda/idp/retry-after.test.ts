import { createProfile } from "../../../lambda/idp/profile";
import { readTokenAnswer } from "../../../lambda/idp/token-answer";
import { NOW } from "../../support/tokens";
import { OIDC_SETTINGS, outcome, ROLLUP_SETTINGS } from "./answers";

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
    const isKnown = retryAfterSeconds !== undefined;
    for (const [status, cause, processed] of [
      [429, "idp_rate_limited", "no"],
      [503, "idp_unavailable", isKnown ? "no" : "maybe"],
      [502, "idp_unavailable", "maybe"],
      [504, "idp_unavailable", "maybe"],
    ] as const) {
      const answer = outcome(status, "", { headers: { "retry-after": value } });
      expect(answer).toEqual({ kind: "failed", cause, processed, retryAfterSeconds });
    }
  });
});

describe("S47: whether the provider has begun is known of what it says, and not guessed (decision 0037)", () => {
  const later = { "retry-after": "2" };
  const pair = { access_token: "a", refresh_token: "r" };

  test.each<[number, Record<string, string>, unknown, "no" | "maybe"]>([
    [503, later, "", "no"],
    [503, later, "<html>busy</html>", "no"],
    [503, later, { error: "temporarily_unavailable" }, "no"],
    // RFC 6749 section 5.2 has no such error for 503: nothing is judged of the grant.
    [503, later, { error: "invalid_grant" }, "no"],
    [503, {}, "", "maybe"],
    [503, later, pair, "maybe"],
    [503, later, { access_token: "a" }, "maybe"],
    [503, later, { refresh_token: "r" }, "maybe"],
    [429, {}, "", "no"],
    [429, later, { error: "slow_down" }, "no"],
    [429, later, pair, "maybe"],
    [500, later, "", "maybe"],
    [502, later, "", "maybe"],
    [504, later, "", "maybe"],
    [408, later, "", "maybe"],
    [425, later, "", "maybe"],
  ])("%d with %j and %j: %s", (status, headers, body, processed) => {
    for (const settings of [OIDC_SETTINGS, ROLLUP_SETTINGS]) {
      const answer = outcome(status, body, { headers, settings });
      expect(answer).toMatchObject({ kind: "failed", processed });
      const refreshToken = body === pair ? "r" : undefined;
      expect("refreshToken" in answer ? answer.refreshToken : undefined).toBe(refreshToken);
    }
  });

  test.each(["time", "size", "connection"] as const)(
    "what broke off (%s) may have had tokens in it",
    (truncatedBy) => {
      for (const status of [429, 503]) {
        const response = { status, headers: later, body: Buffer.from("{"), truncatedBy };
        const context = { settings: OIDC_SETTINGS, profile: createProfile(OIDC_SETTINGS) };
        expect(readTokenAnswer(response, { ...context, sub: "alice", now: NOW })).toMatchObject({
          processed: "maybe",
          retryAfterSeconds: 2,
        });
      }
    },
  );
});
