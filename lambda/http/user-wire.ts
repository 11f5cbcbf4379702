import * as v from "valibot";
import type { JsonValue, User } from "../model";
import { rfc3339 } from "./time";

/** `PUT /me` takes everything from the ID token. */
export const emptyBody = v.strictObject({});

/** `{ sub, claims, attributes, created_at, updated_at, version }`. */
export function userWire(user: User): JsonValue {
  return {
    sub: user.sub,
    claims: user.claims,
    attributes: user.attributes,
    created_at: rfc3339(user.createdAt),
    updated_at: rfc3339(user.updatedAt),
    version: user.version,
  };
}
