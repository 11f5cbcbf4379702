/**
 * Every function is as long as the provider's time limits ask for, and API Gateway waits for none
 * of them in vain.
 */
import { App } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { LEASE_MARGIN_MS } from "../../lambda/deadlines";
import type { IdpSettings } from "../../lambda/env";
import { MAX_TIME_LIMITS, minExchangeMs, timeLimitsOf } from "../../lambda/time-limits";
import { ApiStack } from "../../lib/api-stack";
import { DataStack } from "../../lib/data-stack";
import { functionTimeouts, graceSecondsNeeded } from "../../lib/function-timeouts";
import { ROLLUP_SETTINGS } from "../support/users-api";
import { cdkContext, codeOf, resourcesOf, STAGE, synthesize } from "./synth";

/** Of an HTTP API, in seconds. */
const GATEWAY_SECONDS = 30;

const seconds = (limits: Partial<IdpSettings>) =>
  Object.fromEntries(
    Object.entries(functionTimeouts({ ...ROLLUP_SETTINGS, ...limits })).map(([name, timeout]) => [
      name,
      (timeout as { toSeconds(): number }).toSeconds(),
    ]),
  );

test.each([
  [{}, { plain: 10, users: 10, intake: 10, exchange: 15, rotatingExchange: 13, recovery: 15 }],
  // Shorter limits make no function shorter than what lies around the requests.
  [
    { jwksTimeoutMs: 500, userinfoTimeoutMs: 500 },
    { plain: 10, users: 10, intake: 10, exchange: 15, rotatingExchange: 13, recovery: 15 },
  ],
  [
    { tokenEndpointTimeoutMs: 6_500 },
    { plain: 10, users: 10, intake: 13, exchange: 20, rotatingExchange: 18, recovery: 20 },
  ],
  [
    { tokenEndpointTimeoutMs: 1_000 },
    { plain: 10, users: 10, intake: 10, exchange: 9, rotatingExchange: 7, recovery: 9 },
  ],
  [
    MAX_TIME_LIMITS,
    { plain: 14, users: 16, intake: 18, exchange: 27, rotatingExchange: 25, recovery: 23 },
  ],
])("with %j they are %j", (limits, expected) => {
  expect(seconds(limits)).toEqual(expected);
});

test("whatever the stage says: an exchange fits in, the gateway waits for it, and a lease is no longer than it has to be", () => {
  for (
    let tokenEndpointTimeoutMs = 1_000;
    tokenEndpointTimeoutMs <= 8_000;
    tokenEndpointTimeoutMs += 250
  ) {
    for (let jwksTimeoutMs = 500; jwksTimeoutMs <= 5_000; jwksTimeoutMs += 500) {
      const limits = { tokenEndpointTimeoutMs, jwksTimeoutMs };
      const all = seconds(limits);
      const exchangeMs = minExchangeMs(timeLimitsOf(limits).tokenEndpointTimeoutMs);
      for (const name of ["exchange", "rotatingExchange", "recovery"]) {
        expect(all[name]! * 1_000).toBeGreaterThanOrEqual(exchangeMs + 3_000);
      }
      const afterKeySetMs = all["rotatingExchange"]! * 1_000 - Math.max(0, jwksTimeoutMs - 1_500);
      expect(afterKeySetMs).toBeGreaterThanOrEqual(exchangeMs + 3_000);
      expect(Math.max(...Object.values(all))).toBeLessThan(GATEWAY_SECONDS);
    }
  }
});

test("the template has them, and what is failed comes again when the function is over", () => {
  const idp = { ...STAGE.idp, profile: "oidc", refreshTokenRotation: "strict" } as const;
  const { api, data } = synthesize({ ...STAGE, idp: { ...idp, ...MAX_TIME_LIMITS } });
  const found = resourcesOf(api, "AWS::Lambda::Function").map(([id, { Properties }]) => [
    id.replace(/Function.*/, ""),
    Properties["Timeout"],
  ]);
  expect(Object.fromEntries(found)).toEqual({
    Users: 16,
    Account: 27,
    RefreshToken: 18,
    AccessToken: 25,
    Sessions: 27,
    Health: 14,
    Recovery: 23,
    Sweep: 60,
  });
  const queues = resourcesOf(data, "AWS::SQS::Queue").filter(([id]) => id.includes("Tasks"));
  expect(queues.map(([, { Properties }]) => Properties["VisibilityTimeout"])).toEqual([23, 23]);
});

describe("a grace time", () => {
  const grace = (limits: Partial<IdpSettings> = {}): IdpSettings => ({
    ...ROLLUP_SETTINGS,
    profile: "oidc",
    refreshTokenRotation: "grace",
    ...limits,
  });

  test("of 25 s is enough for the defaults, and the sum says what longer limits need", () => {
    expect(graceSecondsNeeded(grace())).toBe(25);
    const slow = grace({ tokenEndpointTimeoutMs: 8_000 });
    const needed = graceSecondsNeeded(slow);
    const lease = functionTimeouts(slow).recovery.toMilliseconds() + LEASE_MARGIN_MS;
    expect(needed * 1_000).toBeGreaterThanOrEqual(lease + 2_000 + 8_000);
  });

  test("that has to be longer is a warning of the synthesis, with the number", () => {
    const warnings = (idp: IdpSettings) => {
      const app = new App({ context: cdkContext() });
      const stage = { ...STAGE, idp };
      const data = new DataStack(app, "Data", { stage, apiStackName: "Api" });
      const api = new ApiStack(app, "Api", { stage, data, codeOf });
      const words = Match.stringLikeRegexp("must still be good for 37 s");
      return Annotations.fromStack(api).findWarning("*", words);
    };
    // The synthesis prints the warning, as it should.
    jest.spyOn(console, "error").mockImplementation(() => undefined);
    expect(warnings({ ...STAGE.idp, ...grace({ tokenEndpointTimeoutMs: 8_000 }) })).toHaveLength(1);
    expect(warnings({ ...STAGE.idp, ...grace() })).toEqual([]);
  });
});
