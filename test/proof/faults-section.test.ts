import type { FaultResult } from "../../proof/faults/result";
import { section } from "../../proof/faults/section";

const MEASURED = {
  ...{ date: "2026-01-02T03:04:05.000Z", durationSeconds: 60, machine: "2 × CPU", node: "20.20.0" },
  oidcProvider: "9.13.3",
};
const RESULT: FaultResult = {
  ...{ neighbour: "token endpoint", fault: "redirect", provider: "strict" },
  caller: {
    ...{ status: 503, code: "temporarily_unavailable", action: "retry" },
    retryAfterSeconds: 5,
  },
  ...{ processed: 0, isUnchanged: true },
  ...{ status: "active", hasToken: true, isNewest: true, afterwards: { status: 200 } },
  ...{ secondsUntilThen: 5.1, violations: [] },
};

test("a case is one row: what the caller gets, what is stored, when it works again", () => {
  expect(section({ ...MEASURED, results: [RESULT] })).toContain(
    "| token endpoint | redirect | rotates strictly | 503 `temporarily_unavailable`, `retry`, retry after 5 s | `active`, the newest refresh token; the provider had processed nothing | 5.1 s |",
  );
});

test("a token that went down with the answer is called lost, and a case that came out wrong is named", () => {
  const lost = { ...RESULT, isNewest: false, afterwards: { status: 409, code: "needs_sign_in" } };
  const text = section({ ...MEASURED, results: [{ ...lost, violations: ["in time: false"] }] });
  expect(text).toContain("a spent refresh token: its successor went down with the answer");
  expect(text).toContain("another sign-in (`needs_sign_in` after 5.1 s)");
  expect(text).toContain("- NOT AS REQUIRED: token endpoint, redirect, rotates strictly: in time");
  expect(text).not.toContain("Every case came out as required.");
});
