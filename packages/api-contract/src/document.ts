/** The contract: an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0) of every route. */
import { EXAMPLES } from "./examples";
import { type Members, response } from "./json";
import { EXPORT, ME } from "./paths-me";
import { DOCUMENT, HEALTH } from "./paths-open";
import { CURRENT_SESSION, ONE_SESSION, SESSIONS } from "./paths-sessions";
import { ACCESS_TOKEN, REFRESH_TOKEN, SERVICE_ACCESS_TOKEN } from "./paths-tokens";
import { PROBLEM_EXAMPLES, PROBLEM_SCHEMAS, problems } from "./problems";
import { REQUEST_SCHEMAS } from "./requests";
import { ALLOW, HEADERS, headers, PARAMETERS, RESPONSES } from "./responses";
import { SCHEMAS } from "./schemas";

const DESCRIPTION = `Users and access tokens for apps that sign people in with Rollup ID or another OpenID provider.

**Getting started.** Send the person to the provider. With the code that comes back, \`POST /sessions\` signs in: you get a session, the user and an access token. From then on the session is all that is needed; \`POST /me/access-token\` gives an access token whenever one is needed, for as long as the user stays connected.

**Proof.** An ID token proves a user for one hour; a session (\`rvs_…\`) for as long as the stage says. Both go into \`Authorization: Bearer …\`. A stage may keep sessions in a cookie instead: then send requests with credentials, and with whatever changes something or asks the provider the header \`x-rollup-vault: 1\`.

**Errors** are problem documents (RFC 9457). Act on \`action\`: \`sign_in\` (sign in again), \`retry\` (wait \`retry_after\` seconds), \`fix_request\` (a bug in the caller), \`contact_operator\`. \`code\` says what is wrong, and with 409 \`reason\` says why. A path that is not there is 404 \`not_found\`, a method that a path does not have is 405 \`method_not_allowed\` with \`Allow\`. What Amazon API Gateway refuses by itself is \`{ "message" }\` with \`application/json\`.

**Members.** Members that are not in a request's schema are refused. Answers have exactly the members that are described here.`;

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
    description: "A session's token, from `POST /sessions`.",
  },
  sessionCookie: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-session",
    description: "Where the stage keeps sessions in a cookie. Set and sent by the browser.",
  },
  sigV4: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description:
      "AWS Signature Version 4 for `execute-api`, by a role on the stage's list that may invoke the route.",
    "x-amazon-apigateway-authtype": "awsSigv4",
  },
};

const TAGS = [
  { name: "Sessions", description: "Signing in and out." },
  { name: "User", description: "The user's own record." },
  { name: "Access tokens", description: "What all of this is for." },
  { name: "Connection", description: "The refresh token: handed in once, never handed out." },
  { name: "About", description: "The API itself." },
];

const methodNotAllowed = {
  ...problems(["method_not_allowed"]),
  headers: headers({ Allow: { ...ALLOW, required: true } }),
};

export const OPENAPI: Members = {
  openapi: "3.1.0",
  info: {
    title: "rollup-vault",
    version: "1.0.0",
    description: DESCRIPTION,
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  servers: [{ url: "/", description: "Where this document comes from." }],
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
  },
  components: {
    securitySchemes: SECURITY_SCHEMES,
    schemas: { ...SCHEMAS, ...REQUEST_SCHEMAS, ...PROBLEM_SCHEMAS },
    headers: HEADERS,
    parameters: PARAMETERS,
    responses: RESPONSES,
    examples: { ...EXAMPLES, ...PROBLEM_EXAMPLES },
  },
  // Of requests that are no operation, so OpenAPI has no place for them.
  "x-unlisted": { 404: response("NotFound"), 405: methodNotAllowed },
};
