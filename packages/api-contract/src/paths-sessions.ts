/** Signing in and out. */
import { example, header, json, type Members, parameter, schema } from "./json";
import { operation } from "./operations";
import { headers } from "./responses";

const cleared = headers({ "Set-Cookie": header("Cleared-Cookie") });

export const SESSIONS: Members = {
  post: {
    ...operation("post", {
      tag: "Sessions",
      id: "signIn",
      summary: "Sign in",
      description:
        "With an authorization code and no `Authorization` header, or with an ID token and optionally a refresh token. Stores the user, seals the refresh token, opens a session; a session that the request carries ends. 429 after too many refused codes of one network or too many refresh tokens of one user. A user has at most as many sessions as the stage allows (default 50); one more ends the least recently used.",
      credentials: ["idToken"],
      body: {
        schema: "SignInRequest",
        examples: ["sign_in_by_code", "sign_in_by_id_token", "no_members"],
      },
      refusals: { 429: "TooManyRequests" },
      answers: {
        201: {
          description: "Signed in. With a code also an access token.",
          headers: headers({ "Set-Cookie": header("Session-Cookie") }),
          content: {
            "application/json": {
              schema: schema("SignIn"),
              examples: Object.fromEntries(
                ["signed_in_by_code", "signed_in_by_id_token", "signed_in_with_cookie"].map(
                  (name) => [name, example(name)],
                ),
              ),
            },
          },
        },
      },
    }),
    // The code in the body is a credential by itself.
    security: [{ idToken: [] }, {}],
  },
  get: operation("get", {
    tag: "Sessions",
    id: "listSessions",
    summary: "List the user's sessions",
    description:
      "The live ones without their tokens, newest first. At most 1,000; above 5,000 not all are read.",
    credentials: ["session"],
    answers: {
      200: {
        description: "The sessions.",
        headers: headers(),
        content: json("SessionList", ["session_list"]),
      },
    },
  }),
  delete: operation("delete", {
    tag: "Sessions",
    id: "signOutEverywhere",
    summary: "Sign out everywhere",
    description:
      "Ends all sessions of the user, this one last. Sessions and ID tokens from before then open nothing, on any route; a new sign-in has access at once. Too many sessions for one call: 503, and the next call continues.",
    credentials: ["session"],
    answers: { 204: { description: "All have ended.", headers: cleared } },
  }),
};

export const CURRENT_SESSION: Members = {
  delete: operation("delete", {
    tag: "Sessions",
    id: "signOut",
    summary: "Sign out here",
    description: "Ends this session. The grant stays.",
    credentials: ["session"],
    answers: { 204: { description: "It has ended.", headers: cleared } },
  }),
};

export const ONE_SESSION: Members = {
  delete: operation("delete", {
    tag: "Sessions",
    id: "endSession",
    summary: "End one of the user's sessions",
    description: "Another user's session is 404.",
    credentials: ["session"],
    parameters: [parameter("SessionId")],
    answers: { 204: { description: "It has ended.", headers: headers() } },
    refusals: { 404: "NotFound" },
  }),
};
