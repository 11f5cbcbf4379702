import {
  InternalError,
  InvalidRequestError,
  NeedsSignInError,
  type NeedsSignInReason,
  TooManyRequestsError,
  UnavailableError,
} from "../../../lambda/errors";
import { createProbeApi, JSON_HEADERS } from "../../support/probe-api";

describe("S33 S34: answers", () => {
  const reasons: NeedsSignInReason[] = [
    "no_refresh_token",
    "refresh_token_refused",
    "disconnected",
    "in_doubt",
    "foreign_subject",
  ];

  test.each(reasons)(
    "a dead grant is 409 needs_sign_in with the reason %s, never 401",
    async (reason) => {
      const { call } = createProbeApi(() => {
        throw new NeedsSignInError(reason);
      });
      expect(await call("GET /me")).toMatchObject({
        status: 409,
        body: {
          code: "needs_sign_in",
          action: "sign_in",
          reason,
          retryable: false,
          instance: "request-1",
        },
      });
    },
  );

  test("an outage is 503 with Retry-After in header and body", async () => {
    const { call } = createProbeApi(() => {
      throw new UnavailableError("idp_unavailable", { retryAfterSeconds: 6.2 });
    });
    const answer = await call("GET /me");
    expect(answer).toMatchObject({
      status: 503,
      body: { code: "temporarily_unavailable", action: "retry", retryable: true, retry_after: 7 },
    });
    expect(answer.headers["retry-after"]).toBe("7");
  });

  test.each([
    ["refused_codes", 6.2, 7],
    ["refresh_tokens", 0, 1],
  ] as const)(
    "F5: what is done too often (%s) is 429 with Retry-After in header and body, and no error of ours",
    async (reason, seconds, expected) => {
      const { call, lines } = createProbeApi(() => {
        throw new TooManyRequestsError(reason, seconds);
      });
      const answer = await call("GET /me");
      expect(answer).toMatchObject({
        status: 429,
        body: {
          type: "urn:rollup-vault:problem:too_many_requests",
          code: "too_many_requests",
          action: "retry",
          retryable: true,
          retry_after: expected,
        },
      });
      expect(answer.headers["retry-after"]).toBe(String(expected));
      expect(lines.at(-1)).toMatchObject({
        level: "info",
        fields: { reason, retryAfterSeconds: expected, status: 429 },
      });
    },
  );

  test.each([
    new InternalError("client_rejected", { cause: new Error("arn:aws:kms:secret") }),
    new Error(
      "table RollupVault-Users arn:aws:dynamodb:eu-west-1:1:table/x at /var/task/index.js:1",
    ),
    "a string",
    undefined,
  ])("S33: what is not for the caller's eyes stays inside: %#", async (error) => {
    const { call, lines } = createProbeApi(() => {
      throw error as Error;
    });
    const answer = await call("GET /me");
    expect(answer).toMatchObject({
      status: 500,
      body: { code: "server_error", action: "contact_operator" },
    });
    expect(JSON.stringify(answer)).not.toMatch(/arn:|table|task|Error:|string/);
    expect(lines.at(-1)).toMatchObject({ level: "error" });
    expect(JSON.stringify(lines)).not.toMatch(/arn:|RollupVault|task/);
  });

  test("S34: every answer says no-store", async () => {
    for (const act of [
      () => undefined,
      () => {
        throw new InvalidRequestError("not_found");
      },
    ]) {
      const { headers } = await createProbeApi(act).call("GET /me");
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
    }
  });

  test("a problem document has the members of RFC 9457, and no token, path or input in them", async () => {
    const { call } = createProbeApi();
    const { body } = await call("PUT /me", { body: '{"leak":"value"}', headers: JSON_HEADERS });
    expect(body).toEqual({
      type: "urn:rollup-vault:problem:invalid_request",
      title: "Invalid request",
      status: 400,
      detail: "The body has a member that this route does not know.",
      instance: "request-1",
      code: "invalid_request",
      retryable: false,
      action: "fix_request",
    });
  });
});
