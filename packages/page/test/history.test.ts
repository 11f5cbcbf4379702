import { toldOf } from "../src/history";

const at = (minute: number) => `2026-01-06T10:0${String(minute)}:00.000Z`;

test("the same some times in a row is told once, with the latest time and who did it", () => {
  const told = toldOf(
    [
      { at: at(0), by: "POST /sessions", outcome: "stored" },
      { at: at(1), by: "arn:aws:iam::000000000000:role/Mailer", outcome: "exchanged" },
      { at: at(2), by: "POST /me/access-token", outcome: "exchanged" },
      { at: at(3), by: "admin", outcome: "frozen" },
    ],
    "Rollup ID",
  );
  expect(told).toEqual([
    { word: "Paused by the operator", tone: "warn", times: 1, who: ["by the operator"], at: at(3) },
    {
      word: "New access token from Rollup ID",
      tone: "good",
      times: 2,
      who: ["by the app", "by the app’s server, while you were away"],
      at: at(2),
    },
    { word: "Connected", tone: "good", times: 1, who: ["as you signed in"], at: at(0) },
  ]);
});

test("changes of different scopes are told one by one", () => {
  const change = { by: "POST /sessions", outcome: "scope_changed" } as const;
  const told = toldOf(
    [
      { ...change, at: at(0), gained: ["email"] },
      { ...change, at: at(1), lost: ["email"] },
    ],
    "Rollup ID",
  );
  expect(told.map(({ word }) => word)).toEqual([
    "Granted scopes changed −email",
    "Granted scopes changed +email",
  ]);
});

test("no route and no name of a role is shown", () => {
  const told = toldOf(
    [
      { at: at(0), by: "PUT /me/refresh-token", outcome: "stored" },
      { at: at(1), by: "sweep", outcome: "exchanged" },
      { at: at(2), by: "DELETE /me/refresh-token", outcome: "disconnected" },
    ],
    "Rollup ID",
  );
  expect(JSON.stringify(told)).not.toMatch(/\/me|arn:|sweep/);
});
