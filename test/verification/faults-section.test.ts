import type { FaultResult } from "./faults/result";
import { section } from "./faults/section";

const MEASURED = {
  date: "2026-01-02T03:04:05.000Z",
  durationSeconds: 60,
  machine: "2 × CPU",
  node: "20.20.0",
  oidcProvider: "9.13.3",
};
const RESULT: FaultResult = {
  neighbour: "token endpoint",
  fault: "redirect",
  provider: "strict",
  caller: {
    status: 503,
    code: "temporarily_unavailable",
    action: "retry",
    retryAfterSeconds: 5,
  },
  processed: 0,
  isUnchanged: true,
  status: "active",
  hasToken: true,
  isNewest: true,
  afterwards: { status: 200 },
  secondsUntilThen: 5.1,
  violations: [],
};

test("a fault is one row: per provider the caller's answer, what is stored, when it works again", () => {
  const text = section({ ...MEASURED, results: [RESULT] });
  expect(text).toContain("### token endpoint\n");
  expect(text).toContain("| redirect | – | – | 503 (5 s) · unspent · 5.1 s |");
  expect(text).toContain("Every case came out as required.");
});

test("a token that was lost with the answer is called spent, and a case that came out wrong is named", () => {
  const lost = { ...RESULT, isNewest: false, afterwards: { status: 409, code: "needs_sign_in" } };
  const text = section({ ...MEASURED, results: [{ ...lost, violations: ["in time: false"] }] });
  expect(text).toContain("| 503 (5 s) · spent · sign-in, 5.1 s |");
  expect(text).toContain("- NOT AS REQUIRED: token endpoint, redirect, strict: in time");
  expect(text).not.toContain("Every case came out as required.");
});

test.each([
  [{ processed: 1 }, "newest"],
  [{ status: "needs_sign_in" }, "sealed"],
  [{ hasToken: false }, "none"],
])("of %j it says: %s", (change, word) => {
  const text = section({ ...MEASURED, results: [{ ...RESULT, ...change }] });
  expect(text).toContain(`| 503 (5 s) · ${word} · 5.1 s |`);
});
