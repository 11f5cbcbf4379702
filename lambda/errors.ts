/**
 * The errors of this product, by who must act.
 *
 * `reason` is for the operator (logs, alarms). `http/problem.ts` chooses a static sentence for the
 * caller from it. No error carries a token, a claim value or a message of another party.
 */
import type { NEEDS_SIGN_IN_REASONS } from "./facts";
import type { Scopes } from "./scopes";

/** The request is wrong: its author must change it. */
export type InvalidRequestReason =
  | "not_found"
  | "method_not_allowed"
  | "unsupported_media_type"
  | "payload_too_large"
  | "malformed_json"
  | "malformed_encoding"
  | "unknown_member"
  | "invalid_member"
  | "precondition_failed"
  | "unexpected_body"
  | "unexpected_query"
  | "foreign_subject"
  | "not_a_refresh_token";

/** Why authentication failed. The response is the same for all of them. */
export type UnauthorizedReason =
  | "missing_credentials"
  | "malformed_credentials"
  | "malformed_token"
  | "disallowed_header"
  | "disallowed_algorithm"
  | "unknown_key"
  | "ambiguous_key"
  | "invalid_signature"
  | "invalid_issuer"
  | "invalid_audience"
  | "invalid_lifetime"
  | "invalid_subject"
  | "malformed_session"
  | "code_refused"
  | "code_impossible"
  | "code_in_doubt"
  | "code_spent"
  | "nonce_mismatch"
  | "unknown_session"
  | "erased_user"
  | "signed_out"
  | "session_expired"
  | "wrong_token_kind"
  | "wrong_transport";

/** Why the user has to sign in again at the identity provider. */
export type NeedsSignInReason = (typeof NEEDS_SIGN_IN_REASONS)[number];

/** The credentials are fine, but the request is not allowed. */
export type ForbiddenReason = "frozen" | "issuance_frozen" | "unlisted_role" | "cross_site";

/** The caller did something too often; later it works again. */
export type TooManyRequestsReason = "refused_codes" | "refresh_tokens";

/** Temporary: trying again later helps. */
export type UnavailableReason =
  | "key_set_unavailable"
  | "store_unavailable"
  | "cipher_unavailable"
  | "client_secret_unavailable"
  | "client_key_unavailable"
  | "queue_unavailable"
  | "idp_unavailable"
  | "idp_rate_limited"
  | "idp_in_doubt"
  | "idp_protocol"
  | "exchange_in_progress"
  | "cooling_down"
  | "too_little_time_left"
  | "store_conflict"
  | "unknown_schema_version";

/** The operator must act. */
export type InternalReason =
  | "client_rejected"
  | "client_secret_missing"
  | "client_secret_malformed"
  | "client_secret_denied"
  | "client_key_denied"
  | "cipher_denied"
  | "ciphertext_rejected"
  | "store_denied"
  | "queue_denied"
  | "damaged_item"
  | "bug";

export type ErrorReason =
  | InvalidRequestReason
  | UnauthorizedReason
  | NeedsSignInReason
  | "scopes_missing"
  | ForbiddenReason
  | TooManyRequestsReason
  | UnavailableReason
  | InternalReason;

/** A setting of the stage that would have let this pass, for the operator's log. */
export type SettingName =
  | "idp.acceptedIssuers"
  | "idp.clockToleranceSeconds"
  | "idp.idTokenAllowedClaims"
  | "idp.idTokenMaxAgeSeconds"
  | "idp.idTokenMaxLifetimeSeconds"
  | "idp.idTokenSigningAlgs"
  | "idp.jwksTimeoutMs"
  | "idp.tokenEndpointTimeoutMs"
  | "idp.trustedAudiences"
  | "idp.trustedAzp"
  | "idp.userinfoTimeoutMs";

export interface ServiceErrorOptions extends ErrorOptions {
  readonly setting?: SettingName;
}

export abstract class ServiceError extends Error {
  abstract readonly reason: ErrorReason;
  readonly setting: SettingName | undefined;

  constructor(message: string, options?: ServiceErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.setting = options?.setting;
  }
}

/** The caller must fix the request: 400, 404, 405, 413 or 415 by its reason. */
export class InvalidRequestError extends ServiceError {
  readonly reason: InvalidRequestReason;
  /** Methods that the path does have; only with `method_not_allowed`. */
  readonly allow: readonly string[];

  constructor(
    reason: InvalidRequestReason,
    options?: ErrorOptions & { readonly allow?: readonly string[] },
  ) {
    super(`invalid request: ${reason}`, options);
    this.reason = reason;
    this.allow = options?.allow ?? [];
  }
}

/** The caller must present another ID token or session: 401, always the same response (S20). */
export class UnauthorizedError extends ServiceError {
  readonly reason: UnauthorizedReason;

  constructor(reason: UnauthorizedReason, options?: ServiceErrorOptions) {
    super(`unauthorized: ${reason}`, options);
    this.reason = reason;
  }
}

/**
 * The user must sign in at the identity provider: 409, never 401 (the caller's own credentials are
 * fine).
 */
export class NeedsSignInError extends ServiceError {
  readonly reason: NeedsSignInReason;

  constructor(reason: NeedsSignInReason, options?: ErrorOptions) {
    super(`user must sign in: ${reason}`, options);
    this.reason = reason;
  }
}

/** The user must sign in again and grant more: 409. The grant itself is fine. */
export class NeedsConsentError extends ServiceError {
  readonly reason = "scopes_missing";
  readonly missingScopes: Scopes;

  constructor(missingScopes: Scopes) {
    super("user must grant more scopes");
    this.missingScopes = missingScopes;
  }
}

/** The operator has forbidden it: 403. */
export class ForbiddenError extends ServiceError {
  readonly reason: ForbiddenReason;

  constructor(reason: ForbiddenReason, options?: ErrorOptions) {
    super(`forbidden: ${reason}`, options);
    this.reason = reason;
  }
}

/**
 * Retrying helps after the given time: 429 (RFC 6585 section 4) with `Retry-After`. Nothing was
 * done.
 */
export class TooManyRequestsError extends ServiceError {
  readonly reason: TooManyRequestsReason;
  /** Whole seconds, at least 1. */
  readonly retryAfterSeconds: number;

  constructor(reason: TooManyRequestsReason, retryAfterSeconds: number) {
    super(`too many requests: ${reason}`);
    this.reason = reason;
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterSeconds));
  }
}

/** Retrying helps: 503 with `Retry-After`. */
export class UnavailableError extends ServiceError {
  readonly reason: UnavailableReason;
  /** Whole seconds, at least 1. */
  readonly retryAfterSeconds: number;

  constructor(
    reason: UnavailableReason,
    options?: ServiceErrorOptions & { readonly retryAfterSeconds?: number },
  ) {
    super(`unavailable: ${reason}`, options);
    this.reason = reason;
    this.retryAfterSeconds = Math.max(1, Math.ceil(options?.retryAfterSeconds ?? 1));
  }
}

/** The operator must act: 500. */
export class InternalError extends ServiceError {
  readonly reason: InternalReason;

  constructor(reason: InternalReason, options?: ErrorOptions) {
    super(`internal: ${reason}`, options);
    this.reason = reason;
  }
}
