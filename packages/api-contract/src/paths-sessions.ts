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
        "By authorization code, with no `Authorization` header; or by ID token, with a refresh token if there is one. Stores the user, seals the refresh token, opens the session. A session that comes along ends. Where too many codes of a network were refused, or a user hands in too many refresh tokens, the answer is 429 for a while. A user has so many sessions as the stage allows (50 unless it says otherwise): one more ends the one that nobody used for longest.",
      proofs: ["idToken"],
      body: {
        schema: "SignInRequest",
        examples: ["sign_in_by_code", "sign_in_by_id_token", "no_members"],
      },
      refusals: { 429: "TooManyRequests" },
      answers: {
        201: {
          description: "Signed in. By code there is an access token, too.",
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
    // The code in the body is a proof by itself.
    security: [{ idToken: [] }, {}],
  },
  get: operation("get", {
    tag: "Sessions",
    id: "listSessions",
    summary: "The user's sessions",
    description:
      "Those that are live, without their tokens, newest first. At most 1,000: no stage allows more. Of a user who has more than 5,000 from before there was a limit, not all are looked at.",
    proofs: ["session"],
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
      "Ends all sessions of the user, this one last. From here on nothing from before opens anything: neither those sessions nor ID tokens issued before, on no route; who signs in anew has everything at once. Where there are too many sessions for one call the answer is 503: what has ended stays ended, and the next call goes on.",
    proofs: ["session"],
    answers: { 204: { description: "All are ended.", headers: cleared } },
  }),
};

export const CURRENT_SESSION: Members = {
  delete: operation("delete", {
    tag: "Sessions",
    id: "signOut",
    summary: "Sign out here",
    description: "Ends this session. The refresh token stays: the user is still connected.",
    proofs: ["session"],
    answers: { 204: { description: "It is ended.", headers: cleared } },
  }),
};

export const ONE_SESSION: Members = {
  delete: operation("delete", {
    tag: "Sessions",
    id: "endSession",
    summary: "End one of the user's sessions",
    description: "Somebody else's session is not found.",
    proofs: ["session"],
    parameters: [parameter("SessionId")],
    answers: { 204: { description: "It is ended.", headers: headers() } },
    refusals: { 404: "NotFound" },
  }),
};
