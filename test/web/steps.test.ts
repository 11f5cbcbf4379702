import { stepsOf, type Action } from "../../web/panel/steps";

const ISSUER = "http://127.0.0.1:4001";

const action = (sent: Action["sent"]): Action => ({ name: "x", startedAt: 1_000, sent });

test("a request goes there and comes back, and what happened behind the API is in between", () => {
  const sent = { origin: "http://127.0.0.1:4000", method: "GET", path: "/me", at: 1_010 };
  const steps = stepsOf(
    action([{ ...sent, status: 200, durationMs: 50 }]),
    [{ at: 1_030, from: "Users", to: "DynamoDB", what: "GetItem Users" }],
    ISSUER,
  );
  expect(steps.map(({ at, from, to, what }) => [at, from, to, what])).toEqual([
    [10, "Browser", "API", "GET /me"],
    [30, "API", "DynamoDB", "GetItem Users"],
    [60, "API", "Browser", "200"],
  ]);
});

test("what both sides know of is drawn once, and what nobody answered is bad", () => {
  const steps = stepsOf(
    action([{ origin: ISSUER, method: "GET", path: "/userinfo", at: 1_001 }]),
    [
      {
        ...{ at: 1_002, from: "browser", to: "Rollup ID", what: "GET /userinfo" },
        ...{ status: null, duration_ms: 3 },
      },
    ],
    ISSUER,
  );
  expect(steps.map(({ from, what, isBad }) => [from, what, isBad])).toEqual([
    ["Browser", "GET /userinfo", false],
    ["Rollup ID", "no answer", true],
  ]);
});

test("a request that is still under way has no answer yet", () => {
  const sent = { origin: "http://127.0.0.1:4000", method: "GET", path: "/me", at: 1_010 };
  expect(stepsOf(action([sent]), [], ISSUER)).toHaveLength(1);
});
