/**
 * A valid access token on demand. Primary course:
 *  1. Read the grant (strongly). Dead or absent: the user must sign in. Frozen by the operator: nobody gets anything.
 *  2. The kept access token is good for long enough, or as good as new: note who gets it, open it, done.
 *  3. Somebody else holds the lease, or has left one that is not ours to take over: wait for what comes of it, if not too many do already.
 *  4. The last exchange failed a moment ago: say so, ask nobody.
 *  5. Otherwise exchange (exchange.ts). The row moved meanwhile: start again from what it is now.
 */
import { assertCurrent } from "../cutoff";
import { ForbiddenError, InternalError, NeedsSignInError, UnavailableError } from "../errors";
import type { AccessToken, EpochMs, Evidence, Grant, KeptAccessToken } from "../model";
import type { GrantWrite, Issuance, IssuanceReader } from "../ports/stores";
import type { Call } from "./held";
import { createExchange } from "./exchange";
import { keptSince } from "./grant";
import { isEnded, reportPutBack } from "./grant-id";
import { isNoted, noteServed } from "./history";
import { openKept } from "./kept-access-token";
import { standsInLine } from "./recoverable";
import { createWaiting, isLeased, type WaitingDependencies } from "./waiting";

export interface AccessTokenRequest extends Call {
  /** The token returned has at least this many seconds left, or was obtained after this request began or in the interval before. */
  readonly minValiditySeconds: number;
  /** Absent where nobody speaks for the user: the operator's own backends. */
  readonly evidence?: Evidence;
  /** A token that cannot be written into the history is not handed out. @default false: it is, and the log says so */
  readonly mustBeNoted?: boolean;
}

export interface AccessTokenDependencies extends WaitingDependencies {
  readonly issuance: IssuanceReader;
  /** An access token that was obtained less than so long ago answers any call. 0: `min_validity` alone decides. */
  readonly exchangeIntervalSeconds: number;
}

/** More moves of the row than any honest schedule has within one call. */
const MAX_MOVES = 16;

/** @throws NeedsSignInError, ForbiddenError, UnauthorizedError `erased_user` or `signed_out`, UnavailableError, InternalError */
export type GetAccessToken = (request: AccessTokenRequest) => Promise<AccessToken>;

export function createGetAccessToken(dependencies: AccessTokenDependencies): GetAccessToken {
  const { clock, opener, exchangeIntervalSeconds } = dependencies;
  const intervalMs = exchangeIntervalSeconds * 1000;
  const exchange = createExchange(dependencies);

  return async (request) => {
    const waiting = createWaiting(dependencies, request);
    let found = await read(dependencies, request);
    const usable = (row: Grant | undefined) =>
      assertUsable(dependencies, request, { ...found, grant: row });
    let grant = usable(found.grant);
    const seenFirst = grant.accessToken?.obtainedBy;
    for (let moves = 0; moves < MAX_MOVES;) {
      if (isGoodFor(grant, request, { seenFirst, now: clock.now(), intervalMs })) {
        const noted = await note(dependencies, grant, request);
        if (noted.written) {
          return await openKept(opener, grant, grant.accessToken);
        }
        grant = usable(noted.current);
        moves += 1;
        continue;
      }
      assertNotCoolingDown(grant, clock.now());
      if (isLeased(grant, clock.now())) {
        await waiting.forHolder(grant);
        found = await read(dependencies, request);
        grant = usable(found.grant);
      } else if (standsInLine(dependencies, grant)) {
        await waiting.inLine(grant);
        found = await read(dependencies, request);
        grant = usable(found.grant);
      } else {
        const attempt = await exchange(grant, { ...request, restoredAt: found.restoredAt });
        if (attempt.kind === "done") {
          // Who signed out everywhere meanwhile gets nothing by what they had before.
          assertBelieved(attempt.grant, request.evidence);
          return attempt.accessToken;
        }
        grant = usable(attempt.grant);
        moves += 1;
      }
    }
    throw new UnavailableError("store_conflict");
  };
}

interface Seen {
  readonly seenFirst: string | undefined;
  readonly now: EpochMs;
  readonly intervalMs: number;
}

/**
 * Good whatever `min_validity` asks is a token that was obtained since this request began, which is as fresh as any that this request could obtain,
 * or within the interval before: otherwise those who ask for more than the provider's lifetime would each exchange, again and again.
 */
function isGoodFor(
  grant: Grant,
  { minValiditySeconds }: AccessTokenRequest,
  { seenFirst, now, intervalMs }: Seen,
): grant is Grant & { readonly accessToken: KeptAccessToken } {
  const kept = grant.accessToken;
  const left = (kept?.expiresAt ?? 0) - now;
  if (kept === undefined || left <= 0) {
    return false;
  }
  const isNew = now - (keptSince(grant) ?? -Infinity) < intervalMs;
  return left >= minValiditySeconds * 1000 || kept.obtainedBy !== seenFirst || isNew;
}

/** Grant and mark, at first and after each pause: what ended or came back meanwhile is not overlooked. */
async function read(
  { issuance }: AccessTokenDependencies,
  { sub }: AccessTokenRequest,
): Promise<Issuance> {
  const found = await issuance.read(sub);
  if (found.isFrozen) {
    throw new ForbiddenError("issuance_frozen");
  }
  return found;
}

function assertUsable(
  { clock }: AccessTokenDependencies,
  { evidence, log }: AccessTokenRequest,
  { grant, endedAt }: Pick<Issuance, "grant" | "endedAt">,
): Grant {
  if (grant === undefined) {
    throw new NeedsSignInError("no_refresh_token");
  }
  assertBelieved(grant, evidence);
  if (grant.frozenAt !== undefined) {
    throw new ForbiddenError("frozen");
  }
  if (grant.status !== "active") {
    throw new NeedsSignInError(grant.reason ?? "no_refresh_token");
  }
  if (isEnded(grant, endedAt)) {
    reportPutBack(log, clock.now(), endedAt);
    throw new NeedsSignInError("disconnected");
  }
  return grant;
}

function assertBelieved(grant: Grant, evidence: Evidence | undefined): void {
  if (evidence !== undefined) {
    assertCurrent(evidence, grant);
  }
}

/**
 * Who was given a kept token is written down before it leaves, at most once per caller and five minutes. The write goes through only if the row is
 * still as it was read, so that an erasure or a freeze in between is never overlooked.
 */
async function note(
  { grants, clock }: AccessTokenDependencies,
  grant: Grant,
  { by, log, mustBeNoted = false }: AccessTokenRequest,
): Promise<GrantWrite> {
  const stamp = { at: clock.now(), by };
  if (isNoted(grant, stamp)) {
    return { written: true, grant };
  }
  try {
    return await grants.write(noteServed(grant, stamp), grant.revision);
  } catch (error) {
    if (mustBeNoted || !(error instanceof UnavailableError)) {
      throw error;
    }
    log.warn("not_noted", { reason: error.reason });
    return { written: true, grant };
  }
}

function assertNotCoolingDown({ cooldown }: Grant, now: EpochMs): void {
  if (cooldown === undefined || cooldown.until <= now) {
    return;
  }
  if (cooldown.cause === "client_rejected") {
    throw new InternalError("client_rejected");
  }
  if (cooldown.failing?.isTold === true) {
    throw new NeedsSignInError("refresh_token_failing");
  }
  throw new UnavailableError("cooling_down", { retryAfterSeconds: (cooldown.until - now) / 1000 });
}
