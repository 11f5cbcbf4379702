/**
 * Every attribute that a writing request may name, by what is written: in its key, item, update or
 * condition. The adapters beside this file make the requests, lib/api-function.ts makes each role's
 * `dynamodb:Attributes` of the same lists, and test/lambda/store/written-attributes.test.ts holds
 * both together. Imports nothing: lib/ reads it, too.
 *
 * IAM judges names, not what is done with them: an attribute that a condition only looks at is one
 * that its writer could set.
 */

/** An item of the sessions table with no more than these is nobody's session. */
export const SESSION_TOUCH = ["tokenHash", "lastSeenAt", "idleExpiresAt"] as const;
export const SESSION_MAKING = [
  ...SESSION_TOUCH,
  "schemaVersion",
  "id",
  "sub",
  "provedAt",
  "idTokenHash",
  "createdAt",
  "expiresAt",
  "userAgent",
] as const;

/**
 * `PUT /me` and signing in. The condition looks at the erasure: an older proof must not come by.
 */
export const USER_UPSERT = [
  "writeId",
  "sub",
  "schemaVersion",
  "claims",
  "claimsIat",
  "claimsTokenHash",
  "attributes",
  "createdAt",
  "updatedAt",
  "version",
  "erasedAt",
  "erasedTokens",
  "signedOutAt",
  "signedOutTokens",
] as const;
/** A record of which something cannot be read, when its user signs in (user-mending.ts). */
export const USER_MENDING = [
  "writeId",
  "sub",
  "schemaVersion",
  "claims",
  "claimsIat",
  "claimsTokenHash",
  "attributes",
  "unreadableAttributes",
  "userinfo",
  "createdAt",
  "updatedAt",
  "version",
  "erasedAt",
] as const;
/** That the user signed out everywhere. */
export const USER_SIGNED_OUT = [
  "writeId",
  "sub",
  "schemaVersion",
  "version",
  "signedOutAt",
  "signedOutTokens",
] as const;
/** One member of a user that is there: `PATCH /me`, `GET /me?fresh=true`. */
export const USER_MEMBERS = [
  "writeId",
  "sub",
  "schemaVersion",
  "attributes",
  "userinfo",
  "updatedAt",
  "version",
] as const;
/** The tombstone, whole, on the condition that what it replaces is what was seen. */
export const USER_TOMBSTONE = [
  "sub",
  "schemaVersion",
  "erasedAt",
  "erasedTokens",
  "erasing",
  "version",
  "claimsIat",
  "updatedAt",
] as const;
export const USER_ERASED = ["sub", "schemaVersion", "erasedAt", "revocation", "erasing"] as const;

/** Of a grant whoever writes it; every write is a compare-and-set of all of them. */
export const GRANT = [
  "sub",
  "schemaVersion",
  "revision",
  "writeId",
  "grantId",
  "status",
  "since",
  "reason",
  "refreshToken",
  "accessToken",
  "lease",
  "inbox",
  "cooldown",
  "lastExchangeAt",
  "history",
  "listKey",
] as const;
/** Only where something can be due with the provider. */
export const GRANT_DUE = ["dueKey", "dueAt"] as const;
/** Who waits for a lease: a list of callers beside the grant (waiting-room.ts). */
export const GRANT_WAITING = ["sub", "waiting", "lease"] as const;

/** When grants of a user ended for good: of those that end grants, an item beside each. */
export const ENDED_MARK = ["sub", "endedAt"] as const;

/** The sweeper's own item: one position for each of its lists. */
export const SWEEP_POSITIONS = ["sub", "erasing", "disconnecting", "due"] as const;
