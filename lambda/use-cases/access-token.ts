/**
 * A valid access token on demand. Primary course:
 *  1. Read the grant (strongly). Dead or absent: the user must sign in. Frozen by the operator: nobody gets anything.
 *  2. The kept access token is good for long enough: note who gets it, open it, done.
 *  3. Somebody else holds the lease, or has left one that is not ours to take over: wait for what comes of it.
 *  4. The last exchange failed a moment ago: say so, ask nobody.
 *  5. Otherwise exchange (exchange.ts). The row moved meanwhile: start again from what it is now.
 */
import {
  ForbiddenError,
  InternalError,
  NeedsSignInError,
  UnauthorizedError,
  UnavailableError,
} from "../errors";
import type { AccessToken, EpochMs, Evidence, Grant, KeptAccessToken } from "../model";
import type { GrantWrite, IssuanceReader } from "../ports";
import type { Call, ExchangeDependencies } from "./conclude";
import { createExchange } from "./exchange";
import { isErasedFor, isNoted, noteServed } from "./grant";
import { openKept } from "./kept-access-token";
import { queueTakeOver, standsInLine, type LeasedGrant } from "./recoverable";

export interface AccessTokenRequest extends Call {
  /** The token returned has at least this many seconds left, or was obtained after this request began. */
  readonly minValiditySeconds: number;
  /** Absent where nobody speaks for the user: the operator's own backends. */
  readonly evidence?: Evidence;
  /** A token that cannot be written into the history is not handed out. @default false: it is, and the log says so */
  readonly mustBeNoted?: boolean;
}

export interface AccessTokenDependencies extends ExchangeDependencies {
  readonly issuance: IssuanceReader;
}

/** How long a caller waits for somebody else's exchange before it is sent away with `Retry-After`. */
const MAX_WAIT_MS = 3_000;
const MIN_POLL_MS = 50;
const MAX_POLL_MS = 400;
/** Left of the function's time when waiting ends, so that there is always an answer. */
const ANSWER_RESERVE_MS = 1_000;
/** More moves of the row than any honest schedule has within one call. */
const MAX_MOVES = 16;

/** @throws NeedsSignInError, ForbiddenError, UnauthorizedError `erased_user`, UnavailableError, InternalError */
export type GetAccessToken = (request: AccessTokenRequest) => Promise<AccessToken>;

export function createGetAccessToken(dependencies: AccessTokenDependencies): GetAccessToken {
  const { grants, clock, opener, issuance } = dependencies;
  const exchange = createExchange(dependencies);

  return async (request) => {
    const waiting = createWaiting(dependencies, request);
    const found = await issuance.read(request.sub);
    if (found.isFrozen) {
      throw new ForbiddenError("issuance_frozen");
    }
    let grant = assertUsable(found.grant, request);
    const seenFirst = grant.accessToken?.obtainedBy;
    for (let moves = 0; moves < MAX_MOVES;) {
      const kept = grant.accessToken;
      if (kept !== undefined && isGoodFor(kept, request, { seenFirst, now: clock.now() })) {
        const noted = await note(dependencies, grant, request);
        if (noted.written) {
          return await openKept(opener, grant, kept);
        }
        grant = assertUsable(noted.current, request);
        moves += 1;
        continue;
      }
      assertNotCoolingDown(grant, clock.now());
      if (isLeased(grant, clock.now())) {
        await waiting.pause();
        grant = assertUsable(await grants.read(request.sub), request);
      } else if (standsInLine(dependencies, grant)) {
        await waiting.inLine(grant);
        grant = assertUsable(await grants.read(request.sub), request);
      } else {
        const attempt = await exchange(grant, { ...request, restoredAt: found.restoredAt });
        if (attempt.kind === "done") {
          return attempt.accessToken;
        }
        grant = assertUsable(attempt.grant, request);
        moves += 1;
      }
    }
    throw new UnavailableError("store_conflict");
  };
}

/**
 * A token that somebody obtained after this request began is as fresh as any that this request could obtain, so
 * it is good whatever `min_validity` asks: otherwise callers who ask for more than the provider's lifetime would each exchange.
 */
function isGoodFor(
  kept: KeptAccessToken,
  request: AccessTokenRequest,
  seen: { readonly seenFirst: string | undefined; readonly now: EpochMs },
): boolean {
  const left = kept.expiresAt - seen.now;
  return (
    left > 0 && (left >= request.minValiditySeconds * 1000 || kept.obtainedBy !== seen.seenFirst)
  );
}

/** A lease that has run out belongs to a process that the platform has ended: it may be taken over. */
function isLeased(grant: Grant, now: EpochMs): boolean {
  return grant.lease !== undefined && grant.lease.expiresAt > now;
}

function assertUsable(grant: Grant | undefined, { evidence }: AccessTokenRequest): Grant {
  if (grant === undefined) {
    throw new NeedsSignInError("no_refresh_token");
  }
  if (evidence !== undefined && isErasedFor(grant, evidence)) {
    throw new UnauthorizedError("erased_user");
  }
  if (grant.frozenAt !== undefined) {
    throw new ForbiddenError("frozen");
  }
  if (grant.status !== "active") {
    throw new NeedsSignInError(grant.reason ?? "no_refresh_token");
  }
  return grant;
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

/** Jittered pauses that double from 50 to 400 ms and add up to three seconds at most. */
function createWaiting(dependencies: ExchangeDependencies, request: AccessTokenRequest) {
  const { clock, timer, random } = dependencies;
  const giveUpAt = Math.min(clock.now() + MAX_WAIT_MS, request.deadline - ANSWER_RESERVE_MS);
  let ceiling = MIN_POLL_MS;
  let queuedFor: number | undefined;

  async function pause(): Promise<void> {
    if (clock.now() >= giveUpAt) {
      throw new UnavailableError("exchange_in_progress", { retryAfterSeconds: 2 });
    }
    await timer.sleep(ceiling / 2 + (ceiling / 2) * random.fraction());
    ceiling = Math.min(ceiling * 2, MAX_POLL_MS);
  }

  /** Its holder may have died before it could see to it that anybody comes. */
  async function inLine(grant: LeasedGrant): Promise<void> {
    if (queuedFor !== grant.revision) {
      await queueTakeOver(dependencies, grant);
      queuedFor = grant.revision;
    }
    await pause();
  }

  return { pause, inLine };
}
