/**
 * The refresh protocol: intent, spend, seal, commit, release. One item per grant, changed by
 * single-item compare-and-set and by nothing else (decision 0001). In order:
 *
 *  1 get-access-token.ts reads the row (strongly). A good cached access token is returned, a live
 *    lease is waited for.
 *  2 Prepare. Everything that can fail is done first: the credentials of the client (a secret is
 *    read, or an assertion signed), opening the refresh token, a data key. Enough time has to be
 *    left for two requests and the commit.
 *  3 Intent: take the lease (I10). It proves that the store takes writes, and it lapses only after
 *    the platform has ended its holder.
 *  4 Rotating providers only: start the watchdog, a delayed message. If the holder dies, the
 *    recovery function finds the grant. If the queue fails, the lease goes back and nothing is
 *    sent.
 *  5 One request to the token endpoint.
 *  6 Seal and commit, before the answer is judged or anything is released (I4). The commit is
 *    retried until the deadline. A successor that the store does not take goes, still sealed, into
 *    the queue (durable-write.ts).
 *  7 Only then is the access token released.
 *  8 A refusal counts only for the row as it is held: the compare-and-set is the re-check.
 *  9 A lapsed lease is taken over with the same token, by the next caller. Where tokens rotate its
 *    holder may have spilled the successor, so only the consumer of a FIFO take-over message, which
 *    comes behind the spilled token, may take it (recover.ts).
 *
 * A provider that does not rotate has no queue: step 4 and the spill cost it nothing.
 *
 * Invariants, each broken on purpose by a test: one request on the wire per grant (I1); after any
 * crash the store holds a usable refresh token, where the provider does not rotate or has a grace
 * time (I2, K1 to K14); no access token leaves before its write (I4); a sign-in and a disconnect
 * win over a refresh in flight (I7); only a definitive refusal ends a grant (I8), while one that
 * alone fails for long asks for a sign-in and is still tried (decision 0032).
 */
import { LEASE_MARGIN_MS } from "../deadlines";
import { ForbiddenError, InternalError, NeedsSignInError, UnavailableError } from "../errors";
import {
  applyTokenResponse,
  type Circumstances,
  concedeLease,
  type Reply,
  type Report,
  type TokenResponse,
} from "../grant/answer";
import {
  type ActiveGrant,
  type Grant,
  type LeasedGrant,
  newestRefreshToken,
  type Sealed,
} from "../grant/grant";
import { giveBackLease, takeLease } from "../grant/transitions";
import type { TokenOutcome } from "../ports/provider";
import type { Logger } from "../ports/runtime";
import { minExchangeMs, minRequestMs } from "../time-limits";
import { sealCached } from "./cached-access-token";
import { commitWithRetry, spillSuccessor, writeInbox } from "./durable-write";
import { reasonOf } from "./reason";
import type { Attempt, Call, ExchangeDependencies, LeaseHolder, Prepared } from "./types";

export type Exchange = (grant: ActiveGrant, call: Call) => Promise<Attempt>;

/** @throws NeedsSignInError, ForbiddenError, UnavailableError, InternalError */
export function createExchange(dependencies: ExchangeDependencies): Exchange {
  const { grants, clock, random, tokenEndpoint } = dependencies;

  return async (grant, call) => {
    const prepared = await prepare(dependencies, grant);
    if (call.deadline - clock.now() < minExchangeMs(tokenEndpoint.timeoutMs)) {
      throw new UnavailableError("too_little_time_left");
    }
    const lease = { owner: random.id(), expiresAt: call.deadline + LEASE_MARGIN_MS };
    const leased = takeLease(grant, lease);
    const intent = await grants.write(leased, grant.revision);
    if (!intent.written) {
      return { kind: "moved", grant: intent.current };
    }
    const { revision } = intent.grant;
    const holder = { ...prepared, grant: { ...leased, revision }, call };
    await startWatchdog(dependencies, holder, grant);
    const outcome = await send(dependencies, holder);
    return await conclude(dependencies, holder, outcome);
  };
}

/** Step 2. Side by side: none of them changes anything. */
async function prepare(
  { clientAuthentication, opener, sealer }: ExchangeDependencies,
  grant: ActiveGrant,
): Promise<Prepared> {
  const { sub, grantId, revision } = grant;
  const gen = revision + 1;
  const newest = newestRefreshToken(grant);
  const context = { sub, grantId, gen: newest.gen, purpose: "refresh_token" } as const;
  const [credentials, refreshToken, key] = await Promise.all([
    clientAuthentication.prepare(),
    opener.open(newest.ciphertext, context),
    sealer.newKey({ sub, grantId, gen }),
  ]);
  return { credentials, refreshToken, key, gen };
}

/**
 * Step 4. A failure here has spent nothing, so the row becomes what it was: with the lapsed lease
 * of a holder before, and with the doubt that this lease stands for.
 */
export async function startWatchdog(
  dependencies: ExchangeDependencies,
  holder: LeaseHolder,
  before: ActiveGrant,
): Promise<void> {
  const { recovery, clock, tokenEndpoint } = dependencies;
  if (recovery === undefined) {
    return;
  }
  const { sub, grantId, lease } = holder.grant;
  try {
    const seconds = (lease.expiresAt - clock.now()) / 1000;
    await recovery.watch({ sub, grantId, owner: lease.owner }, Math.ceil(seconds));
    if (holder.call.deadline - clock.now() < minRequestMs(tokenEndpoint.timeoutMs)) {
      throw new UnavailableError("too_little_time_left");
    }
  } catch (error) {
    const decide = (row: LeasedGrant) => ({ next: giveBackLease(row, before) });
    await commitWithRetry(dependencies, holder, decide).catch(() => undefined);
    throw error;
  }
}

/**
 * Step 5. Rejected credentials are renewed, once: a client secret may have been rotated a moment
 * ago, past the cache of this instance (S42).
 */
async function send(
  { tokenEndpoint, clientAuthentication, clock }: ExchangeDependencies,
  { refreshToken, credentials, call: { sub, deadline, log } }: LeaseHolder,
): Promise<TokenOutcome> {
  const outcome = await tokenEndpoint.refresh(refreshToken, credentials, sub);
  const timeLeft = deadline - clock.now();
  if (outcome.kind !== "client_rejected" || timeLeft < minRequestMs(tokenEndpoint.timeoutMs)) {
    return outcome;
  }
  const renewed = await clientAuthentication.renew(credentials).catch((error: unknown) => {
    // What keeps a new secret from being read is what the operator has to know.
    log.error("client_secret", reasonOf(error));
    return undefined;
  });
  return renewed === undefined ? outcome : await tokenEndpoint.refresh(refreshToken, renewed, sub);
}

/** Steps 6 to 8: seal, write what answer.ts makes of the response, reply. */
export async function conclude(
  dependencies: ExchangeDependencies,
  holder: LeaseHolder,
  outcome: TokenOutcome,
): Promise<Attempt> {
  const response = sealResponse(holder, outcome);
  const circumstances = circumstancesOf(dependencies, holder);
  const { write, error, change } = await commitWithRetry(dependencies, holder, (row) =>
    applyTokenResponse(row, response, circumstances),
  );
  if (write?.written === false) {
    return await concede(dependencies, holder, {
      found: write.current,
      successor: change.mustKeep,
    });
  }
  // Tokens in the queue are as durable as in the store.
  if (write === undefined && response.kind !== "tokens") {
    throw error;
  }
  if (response.kind === "tokens") {
    dependencies.patience?.noteSuccess(holder.call.sub, circumstances.stamp.at);
  }
  return deliver(holder.call, change.reply, write?.grant ?? holder.grant);
}

/** The tokens of the answer under the data key of step 2. Local: no network can keep it from it. */
function sealResponse({ key, gen, grant }: LeaseHolder, outcome: TokenOutcome): TokenResponse {
  const seal = (text: string | undefined): Sealed | undefined =>
    text === undefined ? undefined : { ciphertext: key.seal(text, "refresh_token"), gen };
  switch (outcome.kind) {
    case "tokens": {
      const refreshToken = seal(outcome.refreshToken);
      const { foreign, accessToken, scopes } = outcome;
      const cached = sealCached(key, accessToken, { gen, obtainedBy: grant.lease.owner });
      return { kind: "tokens", foreign, accessToken, cached, refreshToken, scopes };
    }
    case "failed":
      return { ...outcome, refreshToken: seal(outcome.refreshToken) };
    case "refused":
    case "client_rejected":
      return outcome;
  }
}

function circumstancesOf(
  { clock, rotation, patience }: ExchangeDependencies,
  { call: { sub, by, restoredAt } }: LeaseHolder,
): Circumstances {
  const at = clock.now();
  return {
    stamp: { at, by },
    rotation,
    restoredAt,
    isLong: (failing) => patience?.isLong(failing, at) === true,
    servesOthers: patience?.servesOthers(sub, at) === true,
  };
}

/** Step 7, or the error that the caller gets instead. */
function deliver({ log }: Call, reply: Reply, grant: Grant): Attempt {
  switch (reply.kind) {
    case "release":
      return { kind: "done", accessToken: reply.accessToken, grant };
    case "look_again":
      return { kind: "moved", grant };
    case "frozen":
      throw new ForbiddenError("frozen");
    case "client_rejected":
      throw new InternalError("client_rejected");
    case "sign_in":
      report(log, reply.report);
      throw new NeedsSignInError(reply.reason);
    case "later": {
      report(log, reply.report);
      const { cause, retryAfterSeconds, setting } = reply;
      throw new UnavailableError(cause, { retryAfterSeconds, setting });
    }
  }
}

function report(log: Logger, said: Report | undefined): void {
  if (said !== undefined) {
    log[said.level](said.event, said.fields);
  }
}

/**
 * The lease was lost: nothing is released, and the successor goes where it can be used, or nowhere.
 */
async function concede(
  dependencies: ExchangeDependencies,
  holder: LeaseHolder,
  {
    found,
    successor,
  }: { readonly found: Grant | undefined; readonly successor: Sealed | undefined },
): Promise<Attempt> {
  let current = found;
  for (;;) {
    const concession = concedeLease(current, holder.grant, successor);
    switch (concession.kind) {
      case "nothing":
        return { kind: "moved", grant: current };
      case "inbox": {
        const left = await writeInbox(dependencies, holder, concession);
        if (left.written) {
          return { kind: "moved", grant: left.grant };
        }
        current = left.current;
        break;
      }
      case "follow":
        await spillSuccessor(dependencies, holder, concession.successor);
        return { kind: "moved", grant: current };
      case "revoke":
        await revokeUnneeded(dependencies, holder);
        return { kind: "moved", grant: current };
    }
  }
}

/** Best effort, with credentials of its own: those of the refresh were for one request. */
async function revokeUnneeded(
  { tokenEndpoint, clientAuthentication }: ExchangeDependencies,
  { refreshToken }: LeaseHolder,
): Promise<void> {
  const credentials = await clientAuthentication.prepare().catch(() => undefined);
  if (credentials !== undefined) {
    await tokenEndpoint.revoke(refreshToken, credentials);
  }
}
