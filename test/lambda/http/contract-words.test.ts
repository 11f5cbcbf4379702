/**
 * What the code can say and what the document says it can: the same words, by type and at run
 * time.
 */
import { follow, members, readContract } from "@rollup-vault/api-contract/check/document";
import Ajv2020 from "ajv/dist/2020";
import type { components, paths } from "rollup-vault-client/api-types";
import {
  ForbiddenError,
  type ForbiddenReason,
  InternalError,
  InvalidRequestError,
  type InvalidRequestReason,
  NeedsConsentError,
  NeedsSignInError,
  type NeedsSignInReason,
  TooManyRequestsError,
  type TooManyRequestsReason,
  UnauthorizedError,
  UnavailableError,
} from "../../../lambda/errors";
import type { Grant, HistoryOutcome } from "../../../lambda/grant/grant";
import {
  type ProblemAction,
  type ProblemCode,
  toProblemResponse,
} from "../../../lambda/http/problem";
import { createIdentity, pickUserinfoOf } from "../../../lambda/idp/identity";
import type { Revocation } from "../../../lambda/model";
import { ROLLUP_SETTINGS } from "../../support/users-api";

type Schemas = components["schemas"];
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Checked by the compiler: a word on one side alone is no longer `true`. */
const SAME: readonly true[] = [
  true satisfies Same<Schemas["Problem"]["code"], ProblemCode>,
  true satisfies Same<Schemas["Problem"]["action"], ProblemAction>,
  true satisfies Same<Schemas["NeedsSignInProblem"]["reason"], NeedsSignInReason>,
  true satisfies Same<
    Schemas["Grant"]["reason"],
    NonNullable<Grant["reason"]> | "refresh_token_failing" | "refresh_token_not_issued" | null
  >,
  true satisfies Same<Schemas["Grant"]["history"][number]["outcome"], HistoryOutcome>,
  true satisfies Same<Schemas["ErasureReceipt"]["revocation"], Revocation>,
  true satisfies Same<
    keyof paths["/me"]["get"]["responses"],
    200 | 400 | 401 | 403 | 404 | 500 | 503 | "default"
  >,
];

const every = <R extends string>(reasons: Readonly<Record<R, true>>) => Object.keys(reasons) as R[];

const INVALID = every<InvalidRequestReason>({
  not_found: true,
  method_not_allowed: true,
  unsupported_media_type: true,
  payload_too_large: true,
  malformed_json: true,
  malformed_encoding: true,
  unknown_member: true,
  invalid_member: true,
  precondition_failed: true,
  unexpected_body: true,
  unexpected_query: true,
  foreign_subject: true,
  not_a_refresh_token: true,
});
const NEEDS_SIGN_IN = every<NeedsSignInReason>({
  no_refresh_token: true,
  refresh_token_not_issued: true,
  refresh_token_refused: true,
  disconnected: true,
  erased: true,
  in_doubt: true,
  refresh_token_failing: true,
  foreign_subject: true,
});
const TOO_MANY = every<TooManyRequestsReason>({ refused_codes: true, refresh_tokens: true });
const FORBIDDEN = every<ForbiddenReason>({
  frozen: true,
  issuance_frozen: true,
  unlisted_role: true,
  cross_site: true,
});

const bodies = [
  ...INVALID.map((reason) => new InvalidRequestError(reason)),
  ...NEEDS_SIGN_IN.map((reason) => new NeedsSignInError(reason)),
  ...FORBIDDEN.map((reason) => new ForbiddenError(reason)),
  ...TOO_MANY.map((reason) => new TooManyRequestsError(reason, 6)),
  new NeedsConsentError(["email"]),
  new UnauthorizedError("unknown_key"),
  new UnavailableError("cooling_down", { retryAfterSeconds: 5 }),
  new InternalError("bug"),
  new Error("unknown"),
].map((error) => members(JSON.parse(toProblemResponse(error, "request-1").answer.body ?? "")));

const contract = readContract();
const schemas = members(members(contract["components"])["schemas"]);
const problems = Object.values(schemas).filter(
  (schema) => members(members(schema)["properties"])["retryable"] !== undefined,
);

/** All values that a member of a problem may have, by the document. */
function documented(member: string): unknown[] {
  const values = problems.flatMap((schema) => {
    const { const: only, enum: several = [] } = members(
      members(members(schema)["properties"])[member],
    );
    return only === undefined ? several : [only];
  });
  return [...new Set(values)].sort();
}

test("codes, actions and reasons of problems are exactly the document's", () => {
  expect(SAME).not.toContain(false);
  for (const member of ["code", "action", "reason", "status", "title", "type"]) {
    const said = bodies.map((body) => body[member]).filter((value) => value !== undefined);
    expect([member, [...new Set(said)].sort()]).toEqual([member, documented(member)]);
  }
});

test("every problem that the code can say is one of the document's", () => {
  const ajv = new Ajv2020({ strict: true });
  ajv.opts.validateSchema = false;
  ajv.addVocabulary(Object.keys(contract));
  ajv.addSchema(contract, "contract");
  const validate = ajv.compile({ $ref: "contract#/components/schemas/Problem" });
  for (const body of bodies) {
    validate(body);
    expect([body, validate.errors]).toEqual([body, null]);
  }
});

test("the claims that the profiles keep are exactly the document's", () => {
  const names = Object.keys(
    members(follow(contract, "/components/schemas/Claims").value["properties"]),
  );
  const entry = { type: "x", identifier: "x", nickname: "x", address: "x" };
  const plain = Object.fromEntries(names.map((name) => [name, "https://a.example"]));
  const payload = {
    // All of OpenID Connect Core 5.1, to see that none is kept besides.
    ...plain,
    sub: "x",
    given_name: "x",
    family_name: "x",
    middle_name: "x",
    gender: "x",
    birthdate: "2000-01-01",
    phone_number: "x",
    phone_number_verified: true,
    address: {},
    updated_at: 1,
    unknown: "x",
    locale: "en",
    type: "x",
    email_verified: true,
    connected_accounts: [entry],
    erc_4337: [entry],
  };
  const kept = (["rollup", "oidc"] as const).flatMap((profile) => [
    ...Object.keys(createIdentity({ ...ROLLUP_SETTINGS, profile }).pickClaims(payload)),
    ...Object.keys(pickUserinfoOf({ profile })(payload)),
  ]);
  expect([...new Set(kept)].sort()).toEqual([...names].sort());
});
