/**
 * The attributes that each kind of writing request may name, in its key, item, update or condition.
 * The adapters in this folder make the requests, lib/api-function.ts makes each role's
 * `dynamodb:Attributes` from the same lists, and test/lambda/store/written-attributes.test.ts holds
 * the two together. Imports nothing, since lib/ reads it.
 *
 * IAM judges names, not use: an attribute that a condition only reads is one that its writer could
 * set.
 */

/** Moving the idle limit. An item with only these attributes authenticates no one. */
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
 * `PUT /me` and signing in. The condition reads the cutoffs, so that an older ID token changes
 * nothing.
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
/** Repairing a damaged record when its user signs in (user-mending.ts). */
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
/** Signing out everywhere. */
export const USER_SIGNED_OUT = [
  "writeId",
  "sub",
  "schemaVersion",
  "version",
  "signedOutAt",
  "signedOutTokens",
] as const;
/** One member of an existing user: `PATCH /me`, `GET /me?fresh=true`. */
export const USER_MEMBERS = [
  "writeId",
  "sub",
  "schemaVersion",
  "attributes",
  "userinfo",
  "updatedAt",
  "version",
] as const;
/** The whole tombstone, on the condition that the item is the one that was read. */
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

/** Every write of a grant: a compare-and-set of all of these. */
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
  "scopes",
  "notIssuedAt",
  "history",
  "listKey",
] as const;
/** Only with providers whose grants can be due. */
export const GRANT_DUE = ["dueKey", "dueAt"] as const;
/** The callers who wait for a lease (waiting-room.ts). */
export const GRANT_WAITING = ["sub", "waiting", "lease"] as const;

/**
 * When grants of a user ended for good: an item beside the grant, for functions that end grants.
 */
export const ENDED_MARK = ["sub", "endedAt"] as const;

/** The sweep's own item, with one position for each list. */
export const SWEEP_POSITIONS = ["sub", "erasing", "disconnecting", "due"] as const;
