/** Rows that must not exist: the type forbids each of them, and the store reads none. */
import type { Grant } from "../../../lambda/grant/grant";
import { SCHEMA_VERSION, toGrant, toItem } from "../../../lambda/store/grant-item";
import { NOW, token } from "./states";

const row = { sub: "sub", grantId: "grant", revision: 1, since: NOW, inbox: [], history: [] };
const refreshToken = token(1);
const lease = { owner: "holder", expiresAt: NOW, takenOver: false };
const cooldown = { until: NOW, cause: "idp_unavailable", failures: 1 } as const;
const accessToken = { ...token(1), expiresAt: NOW, obtainedBy: "holder" };

const IMPOSSIBLE: readonly (readonly [string, Grant])[] = [
  // @ts-expect-error -- an active grant has a refresh token
  ["active without a refresh token", { ...row, status: "active" }],
  // @ts-expect-error -- an active grant has no reason
  ["active with a reason", { ...row, status: "active", refreshToken, reason: "in_doubt" }],
  // @ts-expect-error -- a refusal has a reason
  ["refused without a reason", { ...row, status: "needs_sign_in", refreshToken }],
  // @ts-expect-error -- that of an end is no reason for a refusal
  ["refused for an end", { ...row, status: "needs_sign_in", refreshToken, reason: "erased" }],
  // @ts-expect-error -- only an active grant has a lease
  ["refused and leased", { ...row, status: "needs_sign_in", reason: "in_doubt", lease }],
  // @ts-expect-error -- only an active grant cools down
  ["refused and cooling", { ...row, status: "needs_sign_in", reason: "in_doubt", cooldown }],
  // @ts-expect-error -- only an active grant has a cached access token
  ["refused and cached", { ...row, status: "needs_sign_in", reason: "in_doubt", accessToken }],
  // @ts-expect-error -- what is about to end has a reason
  ["disconnecting without a reason", { ...row, status: "disconnecting", refreshToken }],
  // @ts-expect-error -- only an active grant has a lease
  ["disconnecting, leased", { ...row, status: "disconnecting", reason: "disconnected", lease }],
  // @ts-expect-error -- a tombstone has no secret
  ["disconnected with a secret", { ...row, status: "disconnected", refreshToken }],
  // @ts-expect-error -- a refusal is no reason for a tombstone
  ["disconnected for a refusal", { ...row, status: "disconnected", reason: "in_doubt" }],
];

test.each(IMPOSSIBLE)("a row that is %s is not read as such", (_, written) => {
  const { sub, revision } = written;
  const all = { ...toItem(written), sub, revision, schemaVersion: SCHEMA_VERSION };
  const item = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const read = toGrant(item);
  expect(read).not.toEqual(written);
  expect([read.lease, read.cooldown, read.accessToken]).toEqual([undefined, undefined, undefined]);
});
