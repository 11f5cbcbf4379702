/**
 * A valid access token on demand. Primary course:
 *  1. Read the grant (strongly). Dead or absent: the user must sign in.
 *  2. The kept access token is good for long enough: open it, done.
 *  3. Somebody else holds the lease: wait for what comes of it.
 *  4. The last exchange failed a moment ago: say so, ask nobody.
 *  5. Otherwise exchange (exchange.ts). The row moved meanwhile: start again from what it is now.
 */
import { InternalError, NeedsSignInError, UnavailableError } from "../errors";
import type { AccessToken, EpochMs, Grant, KeptAccessToken } from "../model";
import type { Call, ExchangeDependencies } from "./conclude";
import { createExchange } from "./exchange";
import { openKept } from "./kept-access-token";

export interface AccessTokenRequest extends Call {
  /** The token returned has at least this many seconds left, or was obtained after this request began. */
  readonly minValiditySeconds: number;
}

/** How long a caller waits for somebody else's exchange before it is sent away with `Retry-After`. */
const MAX_WAIT_MS = 3_000;
const MIN_POLL_MS = 50;
const MAX_POLL_MS = 400;
/** Left of the function's time when waiting ends, so that there is always an answer. */
const ANSWER_RESERVE_MS = 1_000;
/** More moves of the row than any honest schedule has within one call. */
const MAX_MOVES = 16;

/** @throws NeedsSignInError, UnavailableError, InternalError */
export type GetAccessToken = (request: AccessTokenRequest) => Promise<AccessToken>;

export function createGetAccessToken(dependencies: ExchangeDependencies): GetAccessToken {
  const { grants, clock, opener } = dependencies;
  const exchange = createExchange(dependencies);

  return async (request) => {
    const waiting = createWaiting(dependencies, request);
    let grant = assertUsable(await grants.read(request.sub));
    const seenFirst = grant.accessToken?.obtainedBy;
    for (let moves = 0; moves < MAX_MOVES;) {
      const kept = grant.accessToken;
      if (kept !== undefined && isGoodFor(kept, request, { seenFirst, now: clock.now() })) {
        return await openKept(opener, grant, kept);
      }
      assertNotCoolingDown(grant, clock.now());
      if (isLeased(grant, clock.now())) {
        await waiting.pause();
        grant = assertUsable(await grants.read(request.sub));
      } else {
        const attempt = await exchange(grant, request);
        if (attempt.kind === "done") {
          return attempt.accessToken;
        }
        grant = assertUsable(attempt.grant);
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

function assertUsable(grant: Grant | undefined): Grant {
  if (grant === undefined) {
    throw new NeedsSignInError("no_refresh_token");
  }
  if (grant.status !== "active") {
    throw new NeedsSignInError(grant.reason ?? "refresh_token_refused");
  }
  return grant;
}

function assertNotCoolingDown({ cooldown }: Grant, now: EpochMs): void {
  if (cooldown === undefined || cooldown.until <= now) {
    return;
  }
  if (cooldown.cause === "client_rejected") {
    throw new InternalError("client_rejected");
  }
  throw new UnavailableError("cooling_down", { retryAfterSeconds: (cooldown.until - now) / 1000 });
}

/** Jittered pauses that double from 50 to 400 ms and add up to three seconds at most. */
function createWaiting(dependencies: ExchangeDependencies, request: AccessTokenRequest) {
  const { clock, timer, random } = dependencies;
  const giveUpAt = Math.min(clock.now() + MAX_WAIT_MS, request.deadline - ANSWER_RESERVE_MS);
  let ceiling = MIN_POLL_MS;

  async function pause(): Promise<void> {
    if (clock.now() >= giveUpAt) {
      throw new UnavailableError("exchange_in_progress", { retryAfterSeconds: 2 });
    }
    await timer.sleep(ceiling / 2 + (ceiling / 2) * random.fraction());
    ceiling = Math.min(ceiling * 2, MAX_POLL_MS);
  }

  return { pause };
}
