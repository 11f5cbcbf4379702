import { type Action, type Activity, callsOf, stepsOf } from "../src/panel/steps";

const PROVIDER = "http://127.0.0.1:4001";
const API = "http://127.0.0.1:4000";
const ORIGINS = { provider: PROVIDER, api: API };

const steps = (done: Action, activities: readonly Activity[]) =>
  stepsOf(callsOf(done, activities, ORIGINS));

const action = (sent: Action["sent"]): Action => ({ name: "x", startedAt: 1_000, sent });

test("a request goes there and comes back, and what happened behind the API is in between", () => {
  const sent = { origin: API, method: "GET", path: "/me", at: 1_010 };
  const told = steps(action([{ ...sent, status: 200, durationMs: 50 }]), [
    { at: 1_030, from: "Users", to: "DynamoDB", what: "GetItem Users" },
  ]);
  expect(told.map(({ at, from, to, what }) => [at, from, to, what])).toEqual([
    [10, "Browser", "API", "GET /me"],
    [30, "API", "DynamoDB", "GetItem Users"],
    [60, "API", "Browser", "200"],
  ]);
});

test("a request that both sides record is drawn once, and one without an answer is bad", () => {
  const told = steps(action([{ origin: PROVIDER, method: "GET", path: "/userinfo", at: 1_001 }]), [
    {
      at: 1_002,
      from: "browser",
      to: "Provider",
      what: "GET /userinfo",
      status: null,
      duration_ms: 3,
    },
  ]);
  expect(told.map(({ from, what, isBad }) => [from, what, isBad])).toEqual([
    ["Browser", "GET /userinfo", false],
    ["Provider", "no answer", true],
  ]);
});

test("a request that is still under way has no answer yet", () => {
  const sent = { origin: API, method: "GET", path: "/me", at: 1_010 };
  expect(steps(action([sent]), [])).toHaveLength(1);
});

test("every other origin is the developer's own API", () => {
  const sent = { origin: "https://things.example", method: "POST", path: "/graphql", at: 1_010 };
  expect(steps(action([sent]), [])).toMatchObject([
    { from: "Browser", to: "Your API", what: "POST /graphql" },
  ]);
});

test("what the page has seen of a request goes with the provider's record of it", () => {
  const request = { headers: ["accept: */*"] };
  const sent = { origin: PROVIDER, method: "GET", path: "/userinfo", at: 1_001, request };
  const seen = { at: 1_002, from: "browser", to: "Provider", what: "GET /userinfo" };
  expect(callsOf(action([sent]), [seen], ORIGINS)).toEqual([
    expect.objectContaining({ at: 2, from: "Browser", to: "Provider", request }),
  ]);
});

test("which function asked a service is told, and the provider cannot tell", () => {
  const calls = callsOf(
    action([]),
    [
      { at: 1_001, from: "Users", to: "KMS", what: "Decrypt" },
      { at: 1_002, from: "function", to: "Provider", what: "POST /token" },
    ],
    ORIGINS,
  );
  expect(calls.map(({ by, from }) => [by, from])).toEqual([
    ["Users", "API"],
    [undefined, "API"],
  ]);
});
