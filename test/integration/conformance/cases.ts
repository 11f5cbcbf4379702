/**
 * The tests of OpenID's conformance suite for relying parties that are about what this product
 * does: the plans `oidcc-client-basic-certification-test-plan` and
 * `oidcc-client-refreshtoken-test-plan`, and of others those for the code flow
 * (gitlab.com/openid/conformance-suite, `net.openid.conformance.openid.client`). What each demands
 * is in our words.
 */
import type { Behaviour } from "./provider";

type Plan = "basic" | "refresh" | "others";

/** What the stack has to do. */
type Verdict =
  | { readonly step: "sign-in"; readonly does: "accepted" }
  /** `reasons`: one of which the operator's log says. */
  | { readonly step: "sign-in"; readonly does: "refused"; readonly reasons: readonly string[] }
  | { readonly step: "userinfo"; readonly does: "taken" | "dropped" }
  | { readonly step: "refresh"; readonly does: "accepted" | "refused" };

export interface ConformanceCase {
  readonly plan: Plan;
  readonly name: string;
  readonly demands: string;
  readonly behaviour: Behaviour;
  readonly verdict: Verdict;
  /** Where the suite leaves a choice. */
  readonly note?: string;
}

const accepted: Verdict = { step: "sign-in", does: "accepted" };
const refused = (...reasons: string[]): Verdict => ({ step: "sign-in", does: "refused", reasons });
const OTHER_SUB = "conformance|0002";

/** In an order in which each change of keys follows from the one before. */
export const CASES: readonly ConformanceCase[] = [
  {
    plan: "basic",
    name: "oidcc-client-test",
    demands: "code flow, token request, userinfo request",
    behaviour: {},
    verdict: accepted,
  },
  {
    plan: "basic",
    name: "oidcc-client-test-invalid-iss",
    demands: "refuse an ID token whose `iss` is another issuer's",
    behaviour: { claims: { iss: "https://other.example" } },
    verdict: refused("invalid_issuer"),
  },
  {
    plan: "basic",
    name: "oidcc-client-test-missing-sub",
    demands: "refuse an ID token without `sub`",
    behaviour: { claims: { sub: undefined } },
    verdict: refused("invalid_subject"),
  },
  {
    plan: "basic",
    name: "oidcc-client-test-invalid-aud",
    demands: "refuse an ID token for another client",
    behaviour: { claims: { aud: "another-client" } },
    verdict: refused("invalid_audience"),
  },
  {
    plan: "basic",
    name: "oidcc-client-test-missing-iat",
    demands: "refuse an ID token without `iat`",
    behaviour: { claims: { iat: undefined } },
    verdict: refused("invalid_lifetime"),
  },
  {
    plan: "basic",
    name: "oidcc-client-test-idtoken-sig-rs256",
    demands: "verify an RS256 signature",
    behaviour: { alg: "RS256" },
    verdict: accepted,
  },
  {
    plan: "basic",
    name: "oidcc-client-test-idtoken-sig-none",
    demands: "accept `alg: none` by registration, or refuse it",
    behaviour: { signature: "none" },
    verdict: refused("malformed_token"),
    note: "always",
  },
  {
    plan: "basic",
    name: "oidcc-client-test-invalid-sig-rs256",
    demands: "refuse a wrong RS256 signature",
    behaviour: { signature: "damaged" },
    verdict: refused("invalid_signature"),
  },
  {
    plan: "basic",
    name: "oidcc-client-test-userinfo-invalid-sub",
    demands: "drop a userinfo response about another subject",
    behaviour: { userinfo: { sub: OTHER_SUB } },
    verdict: { step: "userinfo", does: "dropped" },
  },
  {
    plan: "basic",
    name: "oidcc-client-test-nonce-invalid",
    demands: "refuse an ID token with another `nonce`",
    behaviour: { claims: { nonce: "another-nonce" } },
    verdict: refused("nonce_mismatch"),
  },
  {
    plan: "basic",
    name: "oidcc-client-test-scope-userinfo-claims",
    demands: "ask for claims by scope, and take them from userinfo",
    behaviour: { userinfo: { name: "Ada", email: "ada@people.example", email_verified: true } },
    verdict: { step: "userinfo", does: "taken" },
  },
  {
    plan: "basic",
    name: "oidcc-client-test-client-secret-basic",
    demands: "authenticate at the token endpoint by `client_secret_basic`",
    behaviour: {},
    verdict: accepted,
  },
  {
    plan: "refresh",
    name: "oidcc-client-test-refresh-token",
    demands: "use the refresh token, then the new access token",
    behaviour: {},
    verdict: { step: "refresh", does: "accepted" },
  },
  {
    plan: "refresh",
    name: "oidcc-client-test-refresh-token-invalid-issuer",
    demands: "refuse a refresh whose ID token has another `iss`",
    behaviour: { refreshedClaims: { iss: "https://other.example" } },
    verdict: { step: "refresh", does: "refused" },
  },
  {
    plan: "refresh",
    name: "oidcc-client-test-refresh-token-invalid-sub",
    demands: "refuse a refresh whose ID token has another `sub`",
    behaviour: { refreshedClaims: { sub: OTHER_SUB } },
    verdict: { step: "refresh", does: "refused" },
  },
  {
    plan: "others",
    name: "oidcc-client-test-refresh-token-invalid-aud",
    demands: "refuse a refresh whose ID token has another `aud`",
    behaviour: { refreshedClaims: { aud: "another-client" } },
    verdict: { step: "refresh", does: "refused" },
  },
  {
    plan: "others",
    name: "oidcc-client-test-missing-aud",
    demands: "refuse an ID token without `aud`",
    behaviour: { claims: { aud: undefined } },
    verdict: refused("invalid_audience"),
  },
  {
    plan: "others",
    name: "oidcc-client-test-idtoken-sig-es256",
    demands: "verify an ES256 signature",
    behaviour: { alg: "ES256" },
    verdict: accepted,
  },
  {
    plan: "others",
    name: "oidcc-client-test-invalid-sig-es256",
    demands: "refuse a wrong ES256 signature",
    behaviour: { alg: "ES256", signature: "damaged" },
    verdict: refused("invalid_signature"),
  },
  {
    plan: "others",
    name: "oidcc-client-test-invalid-sig-hs256",
    demands: "refuse a wrong HS256 signature",
    behaviour: { signature: "HS256" },
    verdict: refused("disallowed_algorithm"),
    note: "always",
  },
  {
    plan: "others",
    name: "oidcc-client-test-userinfo-bearer-header",
    demands: "send the access token in the `Authorization` header",
    behaviour: { userinfo: { name: "Ada" } },
    verdict: { step: "userinfo", does: "taken" },
  },
  {
    plan: "others",
    name: "oidcc-client-test-signing-key-rotation",
    demands: "read the key set again for an unknown key",
    behaviour: { keys: "new" },
    verdict: accepted,
  },
  {
    plan: "others",
    name: "oidcc-client-test-signing-key-rotation-just-before-signing",
    demands: "the same where the key is published as it signs",
    behaviour: { keys: "new as it signs" },
    verdict: accepted,
  },
  {
    plan: "basic",
    name: "oidcc-client-test-kid-absent-single-jwks",
    demands: "verify a token without `kid` by the only key",
    behaviour: { keys: "one without kid" },
    verdict: accepted,
  },
  {
    plan: "basic",
    name: "oidcc-client-test-kid-absent-multiple-jwks",
    demands: "without `kid`, refuse where several fit, or try all",
    behaviour: { keys: "several without kid" },
    verdict: refused("ambiguous_key", "unknown_key"),
  },
];

/** What the name of every test begins with; the table leaves it out. */
const PREFIX = "oidcc-client-";

/** The table of docs/conformance.md. */
export function conformanceTable(): string {
  const rows = CASES.map(({ plan, name, demands, verdict, note }) => {
    const reasons = "reasons" in verdict ? verdict.reasons.map((one) => `\`${one}\``) : [];
    const said = reasons.length === 0 ? "" : ` (${reasons.join(" or ")})`;
    const result = [`${verdict.step} ${verdict.does}${said}`, note].filter(Boolean).join("; ");
    return `| ${plan} | ${name.slice(PREFIX.length)} | ${demands} | ${result} |`;
  });
  return ["| plan | test | demands | result |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
