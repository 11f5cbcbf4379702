/**
 * The refresh protocol: intent, spend, seal, release. One item per grant, single-item compare-and-set only.
 *
 *  1 (access-token.ts) strong read; a fresh kept token is returned, a live lease is waited for.
 *  2 Everything that can fail is done first: client secret, opening the refresh token, a data key, enough time left.
 *  3 Intent: take the lease. It proves that the store takes writes, and ends only after the platform has ended us.
 *  4 Rotating providers only: a delayed message, so that somebody comes back for the grant if we die. It fails: nothing is sent.
 *  5 One request to the token endpoint.
 *  6 Seal locally and commit before anything is judged or released; the commit is retried until the deadline.
 *    Rotating providers: what the store does not take until then is spilled, still sealed, into the queue, and that is durable, too; where neither
 *    takes it, both are tried in turn until the deadline.
 *  7 Only then is the access token released.
 *  8 A refusal counts only for the row as we hold it: the compare-and-set is the re-check.
 *  9 A lease that ran out is taken over with the same token, by the next caller. Rotating providers: what its holder may have spilled comes first, so a message
 *    stands behind that in an ordered queue, and nobody takes over but whoever gets it (recover.ts).
 * Steps 4 and the spill cost a provider that does not rotate nothing: there is no queue.
 *
 * Invariants (each broken on purpose by a test): one exchange on the wire per grant; the store holds a usable refresh
 * token after any crash where the provider does not rotate or has a grace time; no access token leaves before its
 * write; sign-in again and disconnect win over an exchange in flight; only a definitive refusal ends a grant, while one that
 * alone fails for long asks for a sign-in and is tried on (decision 0032).
 */
import { InternalError, UnavailableError } from "../errors";
import type { Grant } from "../model";
import type { TokenOutcome } from "../ports/provider";
import { minExchangeMs, minRequestMs } from "../time-limits";
import { conclude } from "./conclude";
import type { Attempt, Call, ExchangeDependencies, Held, Prepared } from "./held";
import { newestRefreshToken, takeLease } from "./grant";
import { reasonOf } from "./reason";
import { arm } from "./recoverable";
import { createSettle } from "./settle";

/** The lease outlives its holder by this much: clocks differ by less. */
export const LEASE_MARGIN_MS = 2_000;

export function createExchange(dependencies: ExchangeDependencies) {
  const { grants, clock, random, tokenEndpoint } = dependencies;

  return async function exchange(grant: Grant, call: Call): Promise<Attempt> {
    const prepared = await prepare(dependencies, grant);
    if (call.deadline - clock.now() < minExchangeMs(tokenEndpoint.timeoutMs)) {
      throw new UnavailableError("too_little_time_left");
    }
    const owner = random.id();
    const lease = { owner, expiresAt: call.deadline + LEASE_MARGIN_MS };
    const intent = await grants.write(takeLease(grant, lease), grant.revision);
    if (!intent.written) {
      return { kind: "moved", grant: intent.current };
    }
    const settle = createSettle(dependencies, intent.grant, call.deadline);
    const held = { ...prepared, grant: intent.grant, owner, call, settle };
    await arm(dependencies, { before: grant, held });
    return await conclude(dependencies, held, await redeem(dependencies, held));
  };
}

/** Step 2. Side by side: none of them changes anything. */
async function prepare(dependencies: ExchangeDependencies, grant: Grant): Promise<Prepared> {
  const { sub, grantId } = grant;
  const gen = grant.revision + 1;
  const newest = newestRefreshToken(grant);
  if (newest === undefined) {
    throw new InternalError("bug");
  }
  const [secret, refreshToken, key] = await Promise.all([
    dependencies.clientSecret.current(),
    dependencies.opener.open(newest.ciphertext, {
      sub,
      grantId,
      gen: newest.gen,
      purpose: "refresh_token",
    }),
    dependencies.sealer.newKey({ sub, grantId, gen }),
  ]);
  return { secret, refreshToken, key, gen };
}

/** Step 5. A rejected client secret is read again, once: it may have been re-rolled a moment ago. */
async function redeem(dependencies: ExchangeDependencies, held: Held): Promise<TokenOutcome> {
  const { tokenEndpoint, clientSecret, clock } = dependencies;
  const { sub, deadline } = held.call;
  const outcome = await tokenEndpoint.refresh(held.refreshToken, held.secret, sub);
  const timeLeft = deadline - clock.now();
  if (outcome.kind !== "client_rejected" || timeLeft < minRequestMs(tokenEndpoint.timeoutMs)) {
    return outcome;
  }
  const secret = await clientSecret.reread().catch((error: unknown) => {
    // What keeps a new secret from being read is what the operator has to know.
    held.call.log.error("client_secret", reasonOf(error));
    return held.secret;
  });
  return secret === held.secret
    ? outcome
    : await tokenEndpoint.refresh(held.refreshToken, secret, sub);
}
