/** Refresh tokens go in, access tokens come out. */
import { DEFAULT_LIMITS } from "../../../lambda/limits";
import { json, type Members } from "./json";
import { operation } from "./operations";
import { headers } from "./responses";

const BOTH = ["idToken", "session"] as const;
const INTERVAL = String(DEFAULT_LIMITS.exchangeIntervalSeconds);
const grant = (description: string) => ({
  description,
  headers: headers(),
  content: json("Grant", ["grant"]),
});
const accessToken = {
  description: "An access token.",
  headers: headers(),
  content: json("AccessToken", ["access_token"]),
};

export const REFRESH_TOKEN: Members = {
  put: operation("put", {
    tag: "Grant",
    id: "storeRefreshToken",
    summary: "Store the refresh token",
    description: `It must be verifiably the caller's own. Replaces the stored one and makes the grant active again. 429 beyond ${String(DEFAULT_LIMITS.refreshTokensPerMinute)} per minute and user, unless the stage sets another limit.`,
    credentials: BOTH,
    body: { schema: "RefreshTokenRequest", examples: ["refresh_token_request"], required: true },
    answers: { 200: grant("The grant, now active.") },
    refusals: { 429: "TooManyRequests" },
  }),
  get: operation("get", {
    tag: "Grant",
    id: "getGrant",
    summary: "Get the grant's status and history",
    description: "Never the token.",
    credentials: BOTH,
    answers: { 200: grant("The grant; `status: none` if there is none.") },
  }),
  delete: operation("delete", {
    tag: "Grant",
    id: "disconnect",
    summary: "Disconnect",
    description: "Deletes the refresh token. Wins over a token refresh in flight.",
    credentials: BOTH,
    answers: { 204: { description: "It is deleted.", headers: headers() } },
  }),
};

export const ACCESS_TOKEN: Members = {
  post: operation("post", {
    tag: "Access tokens",
    id: "getAccessToken",
    summary: "Get an access token of the user",
    description: `Valid for at least \`min_validity\` seconds, as far as the provider gives as much, or obtained less than ${INTERVAL} seconds ago. Call it whenever you need one: a cached token is returned while it is valid, and concurrent callers share one refresh. ${String(DEFAULT_LIMITS.waitingCallers)} of them wait; the others get 503 with \`Retry-After: 1\`. A stage may set other numbers.`,
    credentials: BOTH,
    body: { schema: "AccessTokenRequest", examples: ["access_token_request", "no_members"] },
    answers: { 200: accessToken },
    refusals: { 403: "FrozenOrDenied", 409: "NeedsSignInOrConsent" },
  }),
};

export const SERVICE_ACCESS_TOKEN: Members = {
  post: operation("post", {
    tag: "Access tokens",
    id: "getServiceAccessToken",
    summary: "Get an access token for your backend",
    description:
      "While the user is away. Exists only if the stage lists roles; the history records the caller's role. API Gateway itself refuses invalid signatures.",
    credentials: ["sigV4"],
    body: {
      schema: "ServiceAccessTokenRequest",
      required: true,
      examples: ["service_access_token_request"],
    },
    answers: { 200: accessToken },
    refusals: { 403: "FrozenOrNotListed", 409: "NeedsSignInOrConsent" },
  }),
};
