/** What may be done with a row now, where the table of states.test.ts does not say. */
import type { ActiveGrant, Grant } from "../../../lambda/grant/grant";
import { isAbandoned, phaseOf } from "../../../lambda/grant/phase";
import { emptyRow } from "../../../lambda/grant/transitions";
import { NOW, ROWS, token } from "./states";

const moment = { now: NOW, rotation: "strict" } as const;
const MADE = NOW - 9;
const row: ActiveGrant = {
  sub: "sub",
  grantId: `${String(MADE).padStart(13, "0")}.id`,
  revision: 3,
  status: "active",
  since: MADE,
  refreshToken: token(3),
  inbox: [],
  history: [],
};

test.each<[string, Grant | undefined, number | undefined, string, boolean]>([
  ["says only what is refused", emptyRow(row, NOW), undefined, "no_refresh_token", false],
  ["was disconnected", ROWS.disconnected, NOW, "disconnected", false],
  ["was refused", ROWS.needs_sign_in, undefined, "in_doubt", false],
  ["looks usable, and is not younger than its end", row, MADE, "disconnected", true],
])("a row that %s has ended for that reason", (_, grant, endedAt, reason, isPutBack) => {
  expect(phaseOf({ grant, endedAt }, moment)).toEqual({ kind: "ended", grant, reason, isPutBack });
});

test.each([
  ["the cooldown, without a lease", 9_000, undefined, 9_000],
  ["the cooldown, which is longer than the lease", 9_000, 5_000, 9_000],
  ["the lease, which is longer than the cooldown", 5_000, 9_000, 9_000],
])("a cooling row keeps others out until the end of %s", (_, cooldownMs, leaseMs, untilMs) => {
  const cooldown = { until: NOW + cooldownMs, cause: "idp_unavailable", failures: 1 } as const;
  const lease =
    leaseMs === undefined
      ? undefined
      : { owner: "holder", expiresAt: NOW + leaseMs, takenOver: false };
  const grant = { ...row, cooldown, lease };
  const until = NOW + untilMs;
  expect(phaseOf({ grant }, moment)).toEqual({ kind: "cooling", grant, cooldown, until });
});

test.each([
  ["nothing", true, []],
  ["an older token than its own", true, [token(2)]],
  ["a token of the same exchange", false, [token(3)]],
  ["a newer one", false, [token(4)]],
  ["a newer one behind an older one", false, [token(2), token(4)]],
])("with %s in the inbox a lapsed lease is for its take-over alone: %p", (_, expected, inbox) => {
  const lease = { owner: "dead", expiresAt: NOW, takenOver: false };
  expect(isAbandoned({ ...row, lease, inbox }, "strict")).toBe(expected);
  expect(isAbandoned({ ...row, lease, inbox }, "none")).toBe(false);
  expect(isAbandoned({ ...row, inbox }, "strict")).toBe(false);
});
