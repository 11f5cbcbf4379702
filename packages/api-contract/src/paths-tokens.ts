/** Refresh tokens go in, access tokens come out. */
import { DEFAULT_LIMITS } from "../../../lambda/limits";
import { json, type Members } from "./json";
import { operation } from "./operations";
import { headers } from "./responses";

const BOTH = ["idToken", "session"] as const;
const INTERVAL = String(DEFAULT_LIMITS.exchangeIntervalSeconds);
const connection = (description: string) => ({
  description,
  headers: headers(),
  content: json("Connection", ["connection"]),
});
const accessToken = {
  description: "An access token.",
  headers: headers(),
  content: json("AccessToken", ["access_token"]),
};

export const REFRESH_TOKEN: Members = {
  put: operation("put", {
    tag: "Connection",
    id: "storeRefreshToken",
    summary: "Hand the refresh token in",
    description: `Once. It must be provably the caller's own. Replaces whatever was stored, and heals a connection that needed a sign-in. Beyond ${String(DEFAULT_LIMITS.refreshTokensPerMinute)} a minute and user, unless the stage says otherwise, the answer is 429.`,
    proofs: BOTH,
    body: { schema: "RefreshTokenRequest", examples: ["refresh_token_request"], required: true },
    answers: { 200: connection("The connection, now active.") },
    refusals: { 429: "TooManyRequests" },
  }),
  get: operation("get", {
    tag: "Connection",
    id: "getConnection",
    summary: "The connection's state and history",
    description: "Never the token.",
    proofs: BOTH,
    answers: { 200: connection("The connection; `status: none` where there is none.") },
  }),
  delete: operation("delete", {
    tag: "Connection",
    id: "disconnect",
    summary: "Disconnect",
    description: "Deletes the refresh token. Beats any exchange that is under way.",
    proofs: BOTH,
    answers: { 204: { description: "It is gone.", headers: headers() } },
  }),
};

export const ACCESS_TOKEN: Members = {
  post: operation("post", {
    tag: "Access tokens",
    id: "getAccessToken",
    summary: "An access token of the user",
    description: `Valid for at least \`min_validity\` seconds, or obtained less than ${INTERVAL} seconds ago. Ask whenever one is needed: a kept one is the answer as long as it is good, and many callers at once cost one exchange, which ${String(DEFAULT_LIMITS.waitingCallers)} of them wait for. The others get 503 with \`Retry-After: 1\` at once: ask again then. A stage may have other numbers.`,
    proofs: BOTH,
    body: { schema: "AccessTokenRequest", examples: ["access_token_request", "no_members"] },
    answers: { 200: accessToken },
    refusals: { 403: "FrozenOrDenied", 409: "NeedsSignIn" },
  }),
};

export const SERVICE_ACCESS_TOKEN: Members = {
  post: operation("post", {
    tag: "Access tokens",
    id: "getServiceAccessToken",
    summary: "An access token for another backend of yours",
    description:
      "While the user is away. Only there where the stage lists roles; the caller's role is noted in the user's history. Without a valid signature API Gateway refuses by itself.",
    proofs: ["sigV4"],
    body: {
      schema: "ServiceAccessTokenRequest",
      required: true,
      examples: ["service_access_token_request"],
    },
    answers: { 200: accessToken },
    refusals: { 403: "FrozenOrNotListed", 409: "NeedsSignIn" },
  }),
};
