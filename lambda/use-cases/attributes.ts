/**
 * The app's own data about a user: a JSON object that the product keeps and never reads. A JSON
 * merge patch (RFC 7396) changes it under compare-and-set on the user's version, so that two
 * concurrent patches both take effect. A patch cannot reach claims.
 */
import { InvalidRequestError, UnavailableError } from "../errors";
import type { Evidence, JsonValue, User } from "../model";
import type { Clock } from "../ports/runtime";
import type { UserStore } from "../ports/stores";
import { presentUser } from "./users";

type Attributes = Readonly<Record<string, JsonValue>>;

export interface PatchAttributesRequest {
  readonly evidence: Evidence;
  readonly patch: Attributes;
  /** `If-Match`: the patch is refused unless the user has this version. */
  readonly ifVersion: number | undefined;
}

/** Bytes of the whole object as JSON, after merging. */
export const MAX_ATTRIBUTES_BYTES = 8_192;
const MAX_DEPTH = 8;
/** DynamoDB keeps 38 digits and exponents up to 125; JavaScript keeps integers up to 2^53. */
const MAX_MAGNITUDE = 1e100;
const MAX_CONFLICTS = 8;

/**
 * @throws InvalidRequestError `not_found`, `precondition_failed`, `invalid_member` or
 * `payload_too_large`; UnauthorizedError `erased_user` or `signed_out`; UnavailableError;
 * InternalError
 */
export function createPatchAttributes(dependencies: {
  readonly users: UserStore;
  readonly clock: Clock;
}) {
  const { users, clock } = dependencies;

  return async ({ evidence, patch, ifVersion }: PatchAttributesRequest): Promise<User> => {
    assertStorable(patch, 1);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const user = presentUser(await users.find(evidence.sub), evidence);
      if (ifVersion !== undefined && user.version !== ifVersion) {
        throw new InvalidRequestError("precondition_failed");
      }
      const attributes = mergePatch(user.attributes, patch) as Attributes;
      if (Buffer.byteLength(JSON.stringify(attributes)) > MAX_ATTRIBUTES_BYTES) {
        throw new InvalidRequestError("payload_too_large");
      }
      const changed = await users.putAttributes(user, attributes, clock.now());
      if (changed !== undefined) {
        return changed;
      }
    }
    throw new UnavailableError("store_conflict");
  };
}

/** RFC 7396 section 2. */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) {
    return patch;
  }
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      merged.delete(name);
    } else {
      merged.set(name, mergePatch(merged.get(name), value));
    }
  }
  return Object.fromEntries(merged);
}

/** Refuses what cannot be kept exactly, rather than keep it approximately. */
function assertStorable(value: JsonValue, depth: number): void {
  const isFine = typeof value !== "number" || isExact(value);
  if (!isFine || depth > MAX_DEPTH) {
    throw new InvalidRequestError("invalid_member");
  }
  if (typeof value !== "object" || value === null) {
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === "") {
      throw new InvalidRequestError("invalid_member");
    }
    assertStorable(member, depth + 1);
  }
}

function isExact(value: number): boolean {
  const magnitude = Math.abs(value);
  return Number.isInteger(value)
    ? Number.isSafeInteger(value)
    : magnitude < MAX_MAGNITUDE && magnitude > 1 / MAX_MAGNITUDE;
}

function isObject(value: JsonValue | undefined): value is Attributes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
