/** What an operator is told that the next request would do is what the API does. */
import { outlookOf } from "../../../bin/admin/outlook";
import type { ActiveGrant, Grant, Rotation } from "../../../lambda/grant/grant";
import type { Issuance } from "../../../lambda/ports/stores";
import { sampleGrant } from "../../contract/grant-store.contract";
import { NOW } from "../../support/tokens";

const active = (change: Partial<ActiveGrant> = {}) => {
  const idle = { accessToken: undefined, lease: undefined, cooldown: undefined };
  return { ...sampleGrant(), ...idle, ...change } as Grant;
};
const kept = (seconds: number) => ({
  ciphertext: new Uint8Array(),
  gen: 1,
  expiresAt: NOW + seconds * 1000,
  obtainedBy: "x",
});
const cooldown = { until: NOW + 5_000, cause: "idp_unavailable", failures: 1 } as const;
const lease = (ms: number) => ({ owner: "o", expiresAt: NOW + ms, takenOver: false });
const failing = { since: NOW - 1, attempts: 9, isTold: true };

test.each<[string, Partial<Issuance>, Rotation, object]>([
  [
    "all are frozen",
    { grant: active(), isFrozen: true },
    "none",
    { status: 403, reason: "issuance_frozen" },
  ],
  ["there is no grant", { grant: undefined }, "none", { status: 409, reason: "no_refresh_token" }],
  ["it is frozen", { grant: active({ frozenAt: NOW }) }, "none", { status: 403, reason: "frozen" }],
  [
    "it is frozen, and has a token",
    { grant: active({ frozenAt: NOW, accessToken: kept(600) }) },
    "none",
    { status: 403, reason: "frozen" },
  ],
  [
    "the provider refused",
    { grant: { ...active(), status: "needs_sign_in", reason: "refresh_token_refused" } as Grant },
    "none",
    { status: 409, reason: "refresh_token_refused" },
  ],
  [
    "it was put back",
    { grant: active(), endedAt: NOW + 1e9 },
    "none",
    { status: 409, reason: "disconnected" },
  ],
  [
    "a token is kept",
    { grant: active({ accessToken: kept(61) }) },
    "none",
    { status: 200, reason: "kept", until: NOW + 1000 },
  ],
  [
    "it is kept and cooling",
    { grant: active({ accessToken: kept(90), cooldown }) },
    "none",
    { status: 200, reason: "kept", until: NOW + 30_000 },
  ],
  [
    "it ends soon",
    { grant: active({ accessToken: kept(59) }) },
    "none",
    { status: 200, reason: "refresh" },
  ],
  [
    "a refresh failed",
    { grant: active({ cooldown }) },
    "none",
    { status: 503, reason: "cooling_down", until: NOW + 5_000 },
  ],
  [
    "the client was rejected",
    { grant: active({ cooldown: { ...cooldown, cause: "client_rejected" } }) },
    "none",
    { status: 500, reason: "client_rejected", until: NOW + 5_000 },
  ],
  [
    "it has failed for hours",
    { grant: active({ cooldown: { ...cooldown, failing } }) },
    "none",
    { status: 409, reason: "refresh_token_failing", until: NOW + 5_000 },
  ],
  [
    "a refresh is under way",
    { grant: active({ lease: lease(9) }) },
    "strict",
    { status: 200, reason: "leased", until: NOW + 9 },
  ],
  [
    "a refresh broke off",
    { grant: active({ lease: lease(-9) }) },
    "strict",
    { status: 503, reason: "abandoned" },
  ],
  [
    "it broke off where nothing rotates",
    { grant: active({ lease: lease(-9) }) },
    "none",
    { status: 200, reason: "refresh" },
  ],
  ["nothing is in the way", { grant: active() }, "strict", { status: 200, reason: "refresh" }],
])("%s", (_, issuance, rotation, expected) => {
  const seen: Issuance = { grant: undefined, isFrozen: false, ...issuance };
  const { says, ...outlook } = outlookOf(seen, NOW, rotation);
  expect(outlook).toEqual(expected);
  expect(says).toMatch(/^[A-Z].*\.$/);
});
