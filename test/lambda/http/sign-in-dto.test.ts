import * as v from "valibot";
import type { ClientAuthenticationMethod } from "../../../lambda/client-authentication";
import { codeBody } from "../../../lambda/http/sign-in-dto";
import { codeFlowOf } from "../../../lambda/idp/identity";
import { OIDC_SETTINGS, ROLLUP_SETTINGS } from "../idp/answers";

const CODE = { code: "c", redirect_uri: "https://app.example/callback" };
const VERIFIED = { ...CODE, code_verifier: "v".repeat(43) };

function accepts(settings: typeof OIDC_SETTINGS, body: object): boolean {
  return v.safeParse(codeBody(codeFlowOf(settings)), body).success;
}

const oidc = (clientAuthentication: ClientAuthenticationMethod) => ({
  ...OIDC_SETTINGS,
  clientAuthentication,
});

test("S61: a public client has to show the verifier of PKCE, and a well-formed one", () => {
  const settings = oidc("none");
  expect(accepts(settings, VERIFIED)).toBe(true);
  expect(accepts(settings, CODE)).toBe(false);
  expect(accepts(settings, { ...CODE, code_verifier: "" })).toBe(false);
  expect(accepts(settings, { ...CODE, code_verifier: "v".repeat(42) })).toBe(false);
});

test.each(["client_secret_basic", "private_key_jwt", "signed_client_secret"] as const)(
  "with %s the verifier may be there or not",
  (method) => {
    expect(accepts(oidc(method), CODE)).toBe(true);
    expect(accepts(oidc(method), VERIFIED)).toBe(true);
  },
);

test("Rollup ID checks no verifier, so none is taken", () => {
  expect(accepts(ROLLUP_SETTINGS, CODE)).toBe(true);
  expect(accepts(ROLLUP_SETTINGS, VERIFIED)).toBe(false);
});
