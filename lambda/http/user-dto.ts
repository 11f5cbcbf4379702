import * as v from "valibot";
import { InvalidRequestError } from "../errors";
import { type EpochMs, type JsonValue, mergedClaims, type User } from "../model";
import { rfc3339 } from "./time";

/** `PUT /me` reads everything from the ID token. */
export const emptyBody = v.strictObject({});

const jsonObject = v.custom<Readonly<Record<string, JsonValue>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** `{ attributes }`: a JSON merge patch (RFC 7396) of the app's own data. */
export const patchBody = v.strictObject({ attributes: jsonObject });

/**
 * RFC 9110 section 13.1.1, with the version as entity tag; undefined where there is no such header.
 */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header === "*") {
    return undefined;
  }
  const version = /^"([1-9]\d{0,14})"$/.exec(header)?.[1];
  if (version === undefined) {
    throw new InvalidRequestError("precondition_failed");
  }
  return Number(version);
}

/** Of `GET /me?fresh=true`: `{ status: "ok" | "unavailable", at }`, beside the user. */
export function toFreshUserResponse(user: User, freshAt: EpochMs | undefined): JsonValue {
  return {
    ...toUserResponse(user),
    fresh:
      freshAt === undefined
        ? { status: "unavailable", at: null }
        : { status: "ok", at: rfc3339(freshAt) },
  };
}

/** `{ sub, claims, attributes, created_at, updated_at, version }`. */
export function toUserResponse(user: User): Readonly<Record<string, JsonValue>> {
  return {
    sub: user.sub,
    claims: mergedClaims(user),
    attributes: user.attributes,
    created_at: rfc3339(user.createdAt),
    updated_at: rfc3339(user.updatedAt),
    version: user.version,
  };
}
