/**
 * A valid access token on demand. In order:
 *  1. Read the grant (strongly). Absent or ended: the user must sign in. Frozen: nothing leaves.
 *  2. The cached access token is good for long enough, or as good as new: note who gets it, open
 *     it, done.
 *  3. Otherwise by the phase of the row (lambda/grant/phase.ts): cooling is refused, leased and
 *     abandoned are waited for (by two callers; the rest come again), ready is refreshed
 *     (exchange.ts).
 *  4. The row has moved meanwhile: begin again with what it is now.
 */
import { assertCurrent } from "../cutoff";
import {
  ForbiddenError,
  InternalError,
  NeedsConsentError,
  NeedsSignInError,
  UnavailableError,
} from "../errors";
import { MAX_MIN_VALIDITY_SECONDS } from "../facts";
import { type ActiveGrant, type CachedAccessToken, cachedSince, type Grant } from "../grant/grant";
import { isNoted } from "../grant/history";
import { type Phase, phaseOf, type UsablePhase } from "../grant/phase";
import { noteServed } from "../grant/transitions";
import type { AccessToken, EpochMs, Evidence } from "../model";
import type { GrantWrite, Issuance, IssuanceReader } from "../ports/stores";
import { type Scopes, without } from "../scopes";
import { openCached } from "./cached-access-token";
import { createExchange } from "./exchange";
import { reportPutBack } from "./reason";
import type { Call } from "./types";
import { createWaiting, type Waiting, type WaitingDependencies } from "./waiting";

export interface AccessTokenRequest extends Call {
  /**
   * The token returned has at least this many seconds left, or was obtained after this request
   * began or in the interval before, or has half of its lifetime left where the provider gives no
   * more than this.
   */
  readonly minValiditySeconds: number;
  /** Absent where the operator's own backend asks: nothing of the user's has to be believed. */
  readonly evidence?: Evidence;
  /**
   * Where the history cannot be written, the token is not handed out.
   * @default false: it is handed out, and the log says so
   */
  readonly requireAuditEntry?: boolean;
  /** Refused where one of them is known not to be granted. */
  readonly requiredScopes?: Scopes;
  /** Called where no access token that was kept is good enough, before anything else is done. */
  readonly onRefreshNeeded?: () => void;
}

export interface AccessTokenDependencies extends WaitingDependencies {
  readonly issuance: IssuanceReader;
  /** An access token this young, with half of its lifetime left, answers any call. 0: off. */
  readonly exchangeIntervalSeconds: number;
}

/** More moves of the row than any honest schedule has within one call. */
const MAX_MOVES = 16;

/**
 * @throws NeedsSignInError, NeedsConsentError, ForbiddenError, UnauthorizedError `erased_user` or
 * `signed_out`, UnavailableError, InternalError
 */
export type GetAccessToken = (request: AccessTokenRequest) => Promise<AccessToken>;

export function createGetAccessToken(dependencies: AccessTokenDependencies): GetAccessToken {
  const { clock, opener, exchangeIntervalSeconds, rotation } = dependencies;
  const intervalMs = exchangeIntervalSeconds * 1000;
  const exchange = createExchange(dependencies);

  return async (request) => {
    const begunAt = clock.now();
    let lazy: Waiting | undefined;
    const waiting = () => (lazy ??= createWaiting(dependencies, request, begunAt));
    let seen = await read(dependencies, request);
    const seenFirst = seen.grant?.accessToken?.obtainedBy;
    for (let moves = 0; moves < MAX_MOVES;) {
      const now = clock.now();
      const phase = usable(phaseOf(seen, { now, rotation }), request, { now, seen });
      const { grant } = phase;
      if (isGoodFor(grant, request, { seenFirst, now, intervalMs })) {
        const access = await recordAccess(dependencies, grant, request);
        if (access.written) {
          return withScope(await openCached(opener, grant, grant.accessToken), grant);
        }
        seen = { ...seen, grant: access.current };
        moves += 1;
        continue;
      }
      request.onRefreshNeeded?.();
      switch (phase.kind) {
        case "cooling":
          throw coolingError(phase, now);
        case "leased":
          await waiting().forHolder(phase.grant);
          seen = await read(dependencies, request);
          break;
        case "abandoned":
          await waiting().inLine(phase.grant);
          seen = await read(dependencies, request);
          break;
        case "ready": {
          const { restoredAt } = seen;
          const attempt = await exchange(grant, { ...request, restoredAt });
          if (attempt.kind === "done") {
            // A user who signed out everywhere meanwhile gets nothing by older evidence.
            assertBelieved(attempt.grant, request.evidence);
            assertGranted(attempt.grant, request);
            return withScope(attempt.accessToken, attempt.grant);
          }
          seen = { ...seen, grant: attempt.grant };
          moves += 1;
        }
      }
    }
    throw new UnavailableError("store_conflict");
  };
}

/**
 * Grant and mark, at first and after each pause: an end or a return meanwhile is not overlooked.
 */
async function read(
  { issuance }: AccessTokenDependencies,
  { sub }: AccessTokenRequest,
): Promise<Issuance> {
  const seen = await issuance.read(sub);
  if (seen.isFrozen) {
    throw new ForbiddenError("issuance_frozen");
  }
  return seen;
}

/** @throws NeedsSignInError, NeedsConsentError, ForbiddenError, UnauthorizedError: no token */
function usable(
  phase: Phase,
  request: AccessTokenRequest,
  { now, seen: { endedAt } }: { readonly now: EpochMs; readonly seen: Issuance },
): UsablePhase {
  if (phase.kind === "absent") {
    throw new NeedsSignInError("no_refresh_token");
  }
  assertBelieved(phase.grant, request.evidence);
  if (phase.kind === "frozen") {
    throw new ForbiddenError("frozen");
  }
  if (phase.kind === "ended") {
    if (phase.isPutBack) {
      reportPutBack(request.log, now, endedAt);
    }
    throw new NeedsSignInError(phase.reason);
  }
  assertGranted(phase.grant, request);
  return phase;
}

/**
 * What is not known is not refused: a sign-in would not make it known where the provider names no
 * scopes, and the user would be asked again and again.
 */
function assertGranted({ scopes }: Grant, { requiredScopes = [] }: AccessTokenRequest): void {
  const missing = scopes === undefined ? [] : without(requiredScopes, scopes);
  if (missing.length > 0) {
    throw new NeedsConsentError(missing);
  }
}

/** What is granted, where it is known: the token's own word may be older, or none. */
function withScope(token: AccessToken, { scopes }: Grant): AccessToken {
  return scopes === undefined ? token : { ...token, scope: scopes.join(" ") };
}

function assertBelieved(grant: Grant, evidence: Evidence | undefined): void {
  if (evidence !== undefined) {
    assertCurrent(evidence, grant);
  }
}

interface Freshness {
  readonly seenFirst: string | undefined;
  readonly now: EpochMs;
  readonly intervalMs: number;
}

/** Of a token's lifetime: to ask for more of it would take a token request per call. */
const SATISFIABLE = 0.9;

/**
 * A token is also good, regardless of `min_validity`, if it was obtained since this request began,
 * so that it is as fresh as any that the request could obtain itself. Callers who ask for more than
 * the provider gives would each cause a token request, again and again: so a token is good for them
 * while it has half of its lifetime left, and good for those who ask for a new one while it was
 * obtained within the interval as well.
 */
function isGoodFor(
  grant: ActiveGrant,
  { minValiditySeconds }: AccessTokenRequest,
  { seenFirst, now, intervalMs }: Freshness,
): grant is ActiveGrant & { readonly accessToken: CachedAccessToken } {
  const cached = grant.accessToken;
  if (cached === undefined || cached.expiresAt <= now) {
    return false;
  }
  const left = cached.expiresAt - now;
  if (left >= minValiditySeconds * 1000 || cached.obtainedBy !== seenFirst) {
    return true;
  }
  const since = cachedSince(grant) ?? -Infinity;
  const lifetime = cached.expiresAt - since;
  const wantsNew = minValiditySeconds >= MAX_MIN_VALIDITY_SECONDS;
  // Where no interval is kept (the local run), each caller may have a new one.
  const isTooMuch =
    intervalMs > 0 && !wantsNew && minValiditySeconds * 1000 > lifetime * SATISFIABLE;
  return left >= lifetime / 2 && (isTooMuch || now - since < intervalMs);
}

/**
 * Who is given a cached token is written down before it leaves, at most once per actor and five
 * minutes. The write goes through only if the row is still as it was read, so that an erasure or a
 * freeze in between is never overlooked.
 */
async function recordAccess(
  { grants, clock }: AccessTokenDependencies,
  grant: ActiveGrant,
  { by, log, requireAuditEntry = false }: AccessTokenRequest,
): Promise<GrantWrite> {
  const stamp = { at: clock.now(), by };
  if (isNoted(grant, stamp)) {
    return { written: true, grant };
  }
  try {
    return await grants.write(noteServed(grant, stamp), grant.revision);
  } catch (error) {
    if (requireAuditEntry || !(error instanceof UnavailableError)) {
      throw error;
    }
    log.warn("not_noted", { reason: error.reason });
    return { written: true, grant };
  }
}

function coolingError({ cooldown }: UsablePhase & { kind: "cooling" }, now: EpochMs): Error {
  if (cooldown.cause === "client_rejected") {
    return new InternalError("client_rejected");
  }
  if (cooldown.failing?.isTold === true) {
    return new NeedsSignInError("refresh_token_failing");
  }
  return new UnavailableError("cooling_down", { retryAfterSeconds: (cooldown.until - now) / 1000 });
}
