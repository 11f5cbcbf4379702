/** The contract: an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0) of every route. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXAMPLES } from "./examples";
import { type Members, response } from "./json";
import { EXPORT, ME } from "./paths-me";
import { CLIENT_KEYS, DOCUMENT, HEALTH } from "./paths-open";
import { CURRENT_SESSION, ONE_SESSION, SESSIONS } from "./paths-sessions";
import { ACCESS_TOKEN, REFRESH_TOKEN, SERVICE_ACCESS_TOKEN } from "./paths-tokens";
import { PROBLEM_EXAMPLES, PROBLEM_SCHEMAS, problems } from "./problems";
import { REQUEST_SCHEMAS } from "./requests";
import { ALLOW, HEADERS, headers, PARAMETERS, RESPONSES } from "./responses";
import { SCHEMAS } from "./schemas";

const DESCRIPTION = `Users and access tokens for apps that sign people in with an OpenID provider; Rollup ID out of the box.

**Getting started.** Send the person to the provider. \`POST /sessions\` exchanges the code for a session, the user and an access token. After that the session is enough: \`POST /me/access-token\` returns an access token for as long as the grant is active.

**Authentication.** \`Authorization: Bearer …\` takes an ID token, at most one hour old, or a session (\`rvs_…\`) of the lifetime that the stage sets. A stage may keep sessions in a cookie instead: then send requests with credentials, and the header \`x-rollup-vault: 1\` with each one that changes data or asks the provider.

**Errors** are problem documents (RFC 9457). Act on \`action\`: \`sign_in\` (sign in again), \`retry\` (wait \`retry_after\` seconds), \`fix_request\` (a bug in the caller), \`contact_operator\`. \`code\` names the problem; with 409 \`reason\` says why. An unknown path is 404 \`not_found\`, an unknown method 405 \`method_not_allowed\` with \`Allow\`. Amazon API Gateway's own refusals are \`{ "message" }\` as \`application/json\`.

**Members.** Requests with unknown members are refused. Responses have exactly the members described here.`;

const SECURITY_SCHEMES: Members = {
  idToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The provider's ID token, at most one hour old.",
  },
  session: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "rvs_…",
    description: "A session token, from `POST /sessions`.",
  },
  sessionCookie: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-session",
    description: "Only where the stage keeps sessions in a cookie.",
  },
  sigV4: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description: "AWS Signature Version 4 for `execute-api`, by a role that the stage lists.",
    "x-amazon-apigateway-authtype": "awsSigv4",
  },
};

const TAGS = [
  { name: "Sessions", description: "Signing in and out." },
  { name: "User", description: "The user's own record." },
  { name: "Access tokens", description: "For the user and for your backends." },
  { name: "Grant", description: "The stored refresh token: written once, never returned." },
  { name: "About", description: "The API itself." },
];

const methodNotAllowed = {
  ...problems(["method_not_allowed"]),
  headers: headers({ Allow: { ...ALLOW, required: true } }),
};

/** Contract, stacks and client are released together. */
const { version: VERSION } = JSON.parse(
  readFileSync(join(__dirname, "../../..", "package.json"), "utf8"),
) as { readonly version: string };

export const OPENAPI: Members = {
  openapi: "3.1.0",
  info: {
    title: "rollup-vault",
    version: VERSION,
    description: DESCRIPTION,
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  servers: [{ url: "/", description: "The origin of this document." }],
  tags: TAGS,
  paths: {
    "/sessions": SESSIONS,
    "/sessions/current": CURRENT_SESSION,
    "/sessions/{id}": ONE_SESSION,
    "/me": ME,
    "/me/export": EXPORT,
    "/me/access-token": ACCESS_TOKEN,
    "/service/access-token": SERVICE_ACCESS_TOKEN,
    "/me/refresh-token": REFRESH_TOKEN,
    "/health": HEALTH,
    "/openapi.json": DOCUMENT,
    "/.well-known/jwks.json": CLIENT_KEYS,
  },
  components: {
    securitySchemes: SECURITY_SCHEMES,
    schemas: { ...SCHEMAS, ...REQUEST_SCHEMAS, ...PROBLEM_SCHEMAS },
    headers: HEADERS,
    parameters: PARAMETERS,
    responses: RESPONSES,
    examples: { ...EXAMPLES, ...PROBLEM_EXAMPLES },
  },
  // Responses to requests that match no operation; OpenAPI has no place for them.
  "x-unlisted": { 404: response("NotFound"), 405: methodNotAllowed },
};
