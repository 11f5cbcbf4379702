/** `/me`: the user's own record. */
import { header, json, type Members, parameter } from "./json";
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
      "From the verified claims of the ID token alone. An older ID token never overwrites what a newer one has said. `POST /sessions` does this, too.",
    proofs: ["idToken"],
    body: { schema: "NoMembers", examples: ["no_members"] },
    answers: {
      200: user("The user, who was there before."),
      201: user("The user, who is new."),
    },
  }),
  get: operation("get", {
    tag: "User",
    id: "getUser",
    summary: "The user",
    description:
      "As stored. With `fresh=true` also what the provider's userinfo knows; where it cannot be asked, the stored user with `fresh.status: unavailable`. By cookie that takes `x-rollup-vault`, as a change does.",
    proofs: BOTH,
    parameters: [parameter("Fresh"), parameter("CustomHeader")],
    answers: {
      200: {
        description: "The user; with `fresh=true` also `fresh`.",
        headers: withTag,
        content: {
          "application/json": {
            schema: {
              oneOf: [
                { $ref: "#/components/schemas/User" },
                { $ref: "#/components/schemas/FreshUser" },
              ],
            },
            examples: {
              user: { $ref: "#/components/examples/user" },
              fresh_user: { $ref: "#/components/examples/fresh_user" },
              stale_user: { $ref: "#/components/examples/stale_user" },
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
      "Merges `attributes` (RFC 7396). Two patches at once both come through; with `If-Match` only the one that knew the latest version. Claims are out of reach.",
    proofs: BOTH,
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
      "User, refresh token and sessions, for good. Every token and session from before is worthless afterwards; the same ID token gets the same receipt again. Where there are too many sessions for one call the answer is 503, and the next call goes on; the receipt says that all is done. What was from before a sign-out everywhere erases nothing: sign in anew.",
    proofs: BOTH,
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
    summary: "Everything that is kept about the user",
    description:
      "With the history; no secret. `user` is null before the first sign-in. At most 1,000 sessions, those that were used last: no stage allows more. Of a user who has more than 5,000 from before there was a limit, not all are looked at.",
    proofs: BOTH,
    answers: {
      200: {
        description: "Everything.",
        headers: headers(),
        content: json("Export", ["export"]),
      },
    },
  }),
};
