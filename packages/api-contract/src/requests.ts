/** Bodies that the API takes. A member that is not named here is refused. */
import { DEFAULT_LIMITS } from "../../../lambda/limits";
import { closed, type Members, schema } from "./json";

const refreshToken = {
  type: "string",
  minLength: 1,
  maxLength: 4_096,
  pattern: "^[\\x21-\\x7e]+$",
  description: "As the provider gave it. Nothing ever hands it out again.",
};

const minValidity = {
  type: "integer",
  minimum: 0,
  maximum: 86_400,
  default: 60,
  description: `Whole seconds that the access token must still be good for. One that was obtained less than ${String(DEFAULT_LIMITS.exchangeIntervalSeconds)} seconds ago, unless the stage says otherwise, is the answer whatever is asked: compare \`expires_in\`.`,
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
    description: "The one that the code was asked for with; one of the stage's list.",
  },
  code_verifier: {
    type: "string",
    pattern: "^[A-Za-z0-9._~-]{43,128}$",
    description: "RFC 7636. With Rollup ID, which knows no PKCE, it is refused.",
  },
  nonce: {
    type: "string",
    maxLength: 255,
    pattern: "^[\\x21-\\x7e]+$",
    description: "What the ID token must hold. With Rollup ID, which leaves it out, it is refused.",
  },
};

export const REQUEST_SCHEMAS: Members = {
  NoMembers: { ...closed({}), description: "Nothing, or an empty object." },
  AttributesPatch: closed({
    attributes: {
      ...schema("Attributes"),
      description: "A JSON merge patch (RFC 7396): null takes a member away, objects are merged.",
    },
  }),
  RefreshTokenRequest: closed({ refresh_token: refreshToken }),
  AccessTokenRequest: closed({ min_validity: minValidity }, ["min_validity"]),
  ServiceAccessTokenRequest: closed({ sub: schema("Subject"), min_validity: minValidity }, [
    "min_validity",
  ]),
  CodeSignInRequest: {
    ...closed(code, ["code_verifier", "nonce"]),
    description: "By code, with no `Authorization` header: the code is the proof.",
  },
  IdTokenSignInRequest: {
    ...closed({ refresh_token: refreshToken }, ["refresh_token"]),
    description: "Beside an ID token in the `Authorization` header.",
  },
  SignInRequest: { oneOf: [schema("CodeSignInRequest"), schema("IdTokenSignInRequest")] },
};
