/**
 * Facts that more than one part of the product has to agree on: the functions (lambda/), their
 * deployment (lib/) and the contract (packages/api-contract/). Plain values; imports nothing, and
 * everything may import it.
 */

/**
 * A request header that only a script of an allowed origin can set; any value will do. With session
 * cookies it is what a form or an image of another site cannot send (OWASP Cross-Site Request
 * Forgery Prevention, "Custom Request Headers").
 */
export const CSRF_HEADER = "x-rollup-vault";

/** Host names that plain http may be spoken to: this very machine (RFC 6761 section 6.3). */
export const LOOPBACK_HOST = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/;

/**
 * What the KMS encryption context of every grant says in every deployment: the adapter sends it
 * (lambda/kms/binding.ts), and the roles' policies ask for it.
 */
export const ENCRYPTION_CONTEXT = { app: "rollup-vault", purpose: "grant" } as const;

/**
 * Seconds: the largest `min_validity`. It asks for a new access token; a smaller one that the
 * provider cannot satisfy counts as half of what the provider gives.
 */
export const MAX_MIN_VALIDITY_SECONDS = 86_400;

// Global secondary indexes, by what they find; the names are in templates and in policies.
export const UNFINISHED_ERASURES_INDEX = "erasing";
export const GRANTS_BY_STATUS_INDEX = "byStatus";
export const DUE_GRANTS_INDEX = "byDue";
export const SESSIONS_OF_USER_INDEX = "bySub";

/**
 * `alg` of ID tokens: signatures by a private key of the provider (RFC 7518 section 3.1, RFC 8037
 * section 3.1). A HMAC would make each holder of the client secret an issuer.
 */
export const ID_TOKEN_ALGS = [
  "ES256",
  "ES384",
  "ES512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "EdDSA",
] as const;

/** `jwt`: signed with the keys of ID tokens, so that a signature shows whose a token is. */
export const REFRESH_TOKEN_FORMATS = ["jwt", "opaque"] as const;
export const DEFAULT_REFRESH_TOKEN_FORMAT = "opaque";

/**
 * What a refresh does to the refresh token it is made with (RFC 9700 section 4.14.2). `none`: it
 * stays good. `grace`: there is a new one, and the old one stays good for 25 seconds or more
 * (decision 0023). `strict`: there is a new one, and using the old one again revokes both.
 */
export const ROTATIONS = ["none", "grace", "strict"] as const;
/** The safe assumption about a provider of which the stage says nothing. */
export const DEFAULT_ROTATION = "strict";

export const GRANT_STATUSES = ["active", "needs_sign_in", "disconnecting", "disconnected"] as const;

/** Why a grant is not active. */
export const GRANT_END_REASONS = [
  "refresh_token_refused",
  "in_doubt",
  "foreign_subject",
  "disconnected",
  "erased",
] as const;

/** `reason` of a 409: why the user has to sign in again at the identity provider. */
export const NEEDS_SIGN_IN_REASONS = [
  "refresh_token_refused",
  "no_refresh_token",
  "refresh_token_not_issued",
  "disconnected",
  "erased",
  "in_doubt",
  "refresh_token_failing",
  "foreign_subject",
] as const;

/** Why a refresh did not succeed although nothing may be wrong with the grant. */
export const FAILURE_CAUSES = [
  "idp_unavailable",
  "idp_rate_limited",
  "idp_in_doubt",
  "idp_protocol",
  "client_rejected",
] as const;

/** What the history of a grant tells. */
export const HISTORY_OUTCOMES = [
  "stored",
  "exchanged",
  // The provider named other scopes than before.
  "scope_changed",
  // The cached access token was handed out; written again every few minutes at most.
  "served",
  "refused",
  "in_doubt",
  "foreign_subject",
  "failed",
  "disconnected",
  "frozen",
  "unfrozen",
] as const;

/** What became of the refresh token of a user who was moved to another subject. */
export const MOVED_TOKENS = [
  "moved",
  // The other subject has a grant of its own, which stays.
  "kept_target",
  // There is none that can be used: the user has to sign in.
  "needs_sign_in",
  "none",
  // The other subject was disconnected or erased while the move was under way.
  "dropped",
] as const;
