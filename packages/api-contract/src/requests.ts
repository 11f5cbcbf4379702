/** Request bodies. Unknown members are refused. */
import { MAX_MIN_VALIDITY_SECONDS } from "../../../lambda/facts";
import { DEFAULT_LIMITS } from "../../../lambda/limits";
import { MAX_SCOPES, MAX_SCOPES_LENGTH } from "../../../lambda/scopes";
import { closed, type Members, schema } from "./json";

const refreshToken = {
  type: "string",
  minLength: 1,
  maxLength: 4_096,
  pattern: "^[\\x21-\\x7e]+$",
  description: "As the provider issued it. Never returned.",
};

const minValidity = {
  type: "integer",
  minimum: 0,
  maximum: MAX_MIN_VALIDITY_SECONDS,
  default: 60,
  description: `Whole seconds that the access token must remain valid. More than the provider gives counts as half of what it gives; ${String(MAX_MIN_VALIDITY_SECONDS)} asks for a new token. One obtained less than ${String(DEFAULT_LIMITS.exchangeIntervalSeconds)} seconds ago (a stage may set another number) is new, while half of its lifetime is left. Compare \`expires_in\`.`,
};

const requiredScopes = {
  type: "array",
  maxItems: MAX_SCOPES,
  items: {
    type: "string",
    maxLength: MAX_SCOPES_LENGTH,
    pattern: "^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$",
  },
  description:
    "Scopes without which the token is of no use (RFC 6749 section 3.3). 409 `needs_consent` if one of them is known not to be granted; nothing is asked of the provider then.",
};

const code: Members = {
  code: {
    type: "string",
    maxLength: 2_048,
    pattern: "^[\\x20-\\x7e]+$",
    description: "The authorization code of the redirect.",
  },
  redirect_uri: {
    type: "string",
    maxLength: 2_048,
    description: "The one of the authorization request; the stage lists it.",
  },
  scope: {
    type: "string",
    maxLength: MAX_SCOPES_LENGTH,
    pattern: "^[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]+$",
    description:
      "The scopes of the authorization request, separated by spaces. They count as granted where the provider's answer names none (RFC 6749 section 5.1).",
  },
  code_verifier: {
    type: "string",
    pattern: "^[A-Za-z0-9._~-]{43,128}$",
    description: "RFC 7636. Refused with Rollup ID, which has no PKCE.",
  },
  nonce: {
    type: "string",
    maxLength: 255,
    pattern: "^[\\x21-\\x7e]+$",
    description: "The ID token must have it. Refused with Rollup ID, which omits it.",
  },
};

export const REQUEST_SCHEMAS: Members = {
  NoMembers: { ...closed({}), description: "No body, or an empty object." },
  AttributesPatch: closed({
    attributes: {
      ...schema("Attributes"),
      description: "A JSON merge patch (RFC 7396): null removes a member, objects are merged.",
    },
  }),
  RefreshTokenRequest: closed({ refresh_token: refreshToken }),
  AccessTokenRequest: closed({ min_validity: minValidity, required_scopes: requiredScopes }, [
    "min_validity",
    "required_scopes",
  ]),
  ServiceAccessTokenRequest: closed(
    { sub: schema("Subject"), min_validity: minValidity, required_scopes: requiredScopes },
    ["min_validity", "required_scopes"],
  ),
  CodeSignInRequest: {
    ...closed(code, ["scope", "code_verifier", "nonce"]),
    description: "With a code and no `Authorization` header: the code authenticates.",
  },
  IdTokenSignInRequest: {
    ...closed({ refresh_token: refreshToken }, ["refresh_token"]),
    description: "With an ID token in the `Authorization` header.",
  },
  SignInRequest: { oneOf: [schema("CodeSignInRequest"), schema("IdTokenSignInRequest")] },
};
