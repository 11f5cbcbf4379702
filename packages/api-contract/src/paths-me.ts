/** `/me`: the user's own record. */
import { example, header, json, type Members, parameter, schema } from "./json";
import { operation } from "./operations";
import { headers } from "./responses";

const withTag = headers({ ETag: header("ETag") });
const BOTH = ["idToken", "session"] as const;

const user = (description: string) => ({
  description,
  headers: withTag,
  content: json("User", ["user"]),
});

export const ME: Members = {
  put: operation("put", {
    tag: "User",
    id: "putUser",
    summary: "Create or update the user",
    description:
      "Stores the verified claims of the ID token, unless a newer ID token has set them. `POST /sessions` does this, too.",
    credentials: ["idToken"],
    body: { schema: "NoMembers", examples: ["no_members"] },
    answers: {
      200: user("The user, updated."),
      201: user("The user, created."),
    },
  }),
  get: operation("get", {
    tag: "User",
    id: "getUser",
    summary: "Get the user",
    description:
      "As stored. `fresh=true` adds the provider's current userinfo; if that fails, the user is as stored, with `fresh.status: unavailable`. With a cookie this needs `x-rollup-vault`.",
    credentials: BOTH,
    parameters: [parameter("Fresh"), parameter("CustomHeader")],
    answers: {
      200: {
        description: "The user; with `fresh=true` also `fresh`.",
        headers: withTag,
        content: {
          "application/json": {
            schema: { oneOf: [schema("User"), schema("FreshUser")] },
            examples: {
              user: example("user"),
              fresh_user: example("fresh_user"),
              stale_user: example("stale_user"),
            },
          },
        },
      },
    },
    refusals: { 403: "AccessDenied", 404: "NotFound" },
  }),
  patch: operation("patch", {
    tag: "User",
    id: "updateAttributes",
    summary: "Change the app's own attributes",
    description:
      "Merges `attributes` (RFC 7396). Concurrent patches are all applied; with `If-Match` only the one that has the latest version. Claims cannot be changed.",
    credentials: BOTH,
    parameters: [parameter("IfMatch")],
    body: {
      schema: "AttributesPatch",
      examples: ["attributes_patch"],
      required: true,
      alsoAs: ["application/merge-patch+json"],
    },
    answers: { 200: user("The user, with the attributes merged.") },
    refusals: { 404: "NotFound", 412: "PreconditionFailed" },
  }),
  delete: operation("delete", {
    tag: "User",
    id: "eraseUser",
    summary: "Erase the user",
    description:
      "Deletes user, grant and sessions for good. Older tokens and sessions then open nothing; the same ID token gets the same receipt again. Too many sessions for one call: 503, and the next call continues. Credentials from before a sign-out everywhere erase nothing: sign in again.",
    credentials: BOTH,
    answers: {
      200: {
        description: "The receipt.",
        headers: headers({ "Set-Cookie": header("Cleared-Cookie") }),
        content: json("ErasureReceipt", ["receipt"]),
      },
    },
  }),
};

export const EXPORT: Members = {
  get: operation("get", {
    tag: "User",
    id: "exportUser",
    summary: "Export all data about the user",
    description:
      "With the history, without secrets. `user` is null before the first sign-in. At most 1,000 sessions, those used last; above 5,000 not all are read.",
    credentials: BOTH,
    answers: {
      200: {
        description: "The export.",
        headers: headers(),
        content: json("Export", ["export"]),
      },
    },
  }),
};
