/** What becomes of a token answer: steps 6 to 8 of the refresh protocol (exchange.ts). */
import { ForbiddenError, InternalError, NeedsSignInError, UnavailableError } from "../errors";
import type { Cooldown, EpochMs, Grant, Sealed } from "../model";
import type { TokenOutcome } from "../ports/provider";
import { commitExchange, coolDown, leaveInInbox, quarantine, refuse, releaseLease } from "./grant";
import { tellFailing, type Failure } from "./grant-cooldown";
import type { Stamp } from "./history";
import { sealKept } from "./kept-access-token";
import type { Attempt, ExchangeDependencies, Held } from "./held";
import { isRestored, isTakenOver, spill, writeOrSpill } from "./recoverable";

export async function conclude(
  dependencies: ExchangeDependencies,
  held: Held,
  outcome: TokenOutcome,
): Promise<Attempt> {
  switch (outcome.kind) {
    case "tokens":
      return await commit(dependencies, held, outcome);
    case "refused":
      return await acceptRefusal(dependencies, held);
    case "client_rejected":
      return await fail(dependencies, held, {
        cause: "client_rejected",
        retryAfterSeconds: undefined,
        keepLease: isTakenOver(dependencies, held),
      });
    case "failed":
      return await fail(dependencies, held, {
        ...outcome,
        refreshToken: sealed(held, outcome.refreshToken),
        keepLease: isTakenOver(dependencies, held) || mayBeSpent(dependencies, outcome),
      });
  }
}

/** Steps 6 and 7. What came is durable before it is judged (S45, S47); a foreign answer is durable, and useless. */
async function commit(
  dependencies: ExchangeDependencies,
  held: Held,
  outcome: TokenOutcome & { kind: "tokens" },
): Promise<Attempt> {
  const { gen, owner, key, call } = held;
  const stamp = stampOf(dependencies, held);
  const refreshToken = sealed(held, outcome.refreshToken);
  const accessToken = sealKept(key, outcome.accessToken, {
    gen,
    obtainedBy: owner,
  });
  // Of a foreign answer nothing may ever get where it could be used.
  const successor = outcome.foreign ? undefined : refreshToken;
  const change = (grant: Grant) =>
    outcome.foreign
      ? quarantine(grant, refreshToken, stamp)
      : commitExchange(grant, { accessToken, refreshToken }, stamp);
  const settled = await writeOrSpill(dependencies, held, {
    successor,
    write: async () => await held.settle(change),
    whenSpilled: { written: true, grant: held.grant },
  });
  if (!settled.written) {
    return await yieldTo(dependencies, held, settled.current, successor);
  }
  dependencies.patience?.noteSuccess(call.sub, stamp.at);
  if (outcome.foreign) {
    call.log.error("grant_quarantined", { reason: "foreign_subject" });
    throw new NeedsSignInError("foreign_subject");
  }
  if (settled.grant.frozenAt !== undefined) {
    throw new ForbiddenError("frozen");
  }
  return { kind: "done", accessToken: outcome.accessToken, grant: settled.grant };
}

function sealed({ key, gen }: Held, refreshToken: string | undefined): Sealed | undefined {
  return refreshToken === undefined
    ? undefined
    : { ciphertext: key.seal(refreshToken, "refresh_token"), gen };
}

function mayBeSpent(
  { rotation }: ExchangeDependencies,
  outcome: TokenOutcome & { kind: "failed" },
): boolean {
  return rotation !== "none" && outcome.processed === "maybe";
}

/** The lease was lost to a new holder, a new sign-in or a disconnect. Nothing of ours is released. */
async function yieldTo(
  dependencies: ExchangeDependencies,
  held: Held,
  found: Grant | undefined,
  refreshToken: Sealed | undefined,
): Promise<Attempt> {
  const { grants, tokenEndpoint } = dependencies;
  let current = found;
  if (refreshToken === undefined || isDurable(refreshToken, current, held)) {
    return { kind: "moved", grant: current };
  }
  while (current?.status === "active" && current.grantId === held.grant.grantId) {
    const { revision } = current;
    const next = leaveInInbox(current, refreshToken);
    const left = await writeOrSpill(dependencies, held, {
      successor: refreshToken,
      write: async () => await grants.write(next, revision),
    });
    if (left.written) {
      return { kind: "moved", grant: left.grant };
    }
    current = left.current;
  }
  if (current?.movedTo !== undefined) {
    // The grant lives on under another subject, and the successor may be on no other way: the recovery function follows it there (follow-moved.ts).
    await spill(dependencies, held, refreshToken);
    return { kind: "moved", grant: current };
  }
  // The successor belongs to nobody now. The token presented is its predecessor: revoking that ends the family.
  await tokenEndpoint.revoke(held.refreshToken, held.secret);
  return { kind: "moved", grant: current };
}

/** Our own write, applied although its answer never came and no retry could tell (S50). */
function isDurable(refreshToken: Sealed, current: Grant | undefined, held: Held): boolean {
  return current?.grantId === held.grant.grantId && current.refreshToken?.gen === refreshToken.gen;
}

/** Step 8. The write goes through only if the row is still as we took it, so a newer token is never overlooked (S49). */
async function acceptRefusal(dependencies: ExchangeDependencies, held: Held): Promise<Attempt> {
  const isDoubtful = isTakenOver(dependencies, held) || isRestored(dependencies, held);
  const reason = isDoubtful ? "in_doubt" : "refresh_token_refused";
  const stamp = stampOf(dependencies, held);
  const settled = await held.settle((grant) =>
    grant.inbox.length > 0
      ? yieldToInbox(grant, isDoubtful, stamp.at)
      : refuse(grant, reason, stamp),
  );
  if (!settled.written) {
    return { kind: "moved", grant: settled.current };
  }
  if (settled.grant.status === "active") {
    return { kind: "moved", grant: settled.grant };
  }
  throw new NeedsSignInError(reason);
}

/** The next holder spends what is in the inbox. A provider that refused the old token may have ended the family over it: the lapsed lease keeps that in doubt. */
function yieldToInbox(grant: Grant, isDoubtful: boolean, at: EpochMs): Grant {
  return isDoubtful && grant.lease !== undefined
    ? { ...grant, lease: { ...grant.lease, expiresAt: at, takenOver: true } }
    : releaseLease(grant);
}

async function fail(
  dependencies: ExchangeDependencies,
  held: Held,
  failure: Failure,
): Promise<Attempt> {
  const stamp = stampOf(dependencies, held);
  const change = (grant: Grant) => {
    const cooled = coolDown(grant, failure, stamp);
    return isAlone(dependencies, cooled, stamp.at) ? tellFailing(cooled, stamp.at) : cooled;
  };
  const settled = await writeOrSpill(dependencies, held, {
    successor: failure.refreshToken,
    write: async () => await held.settle(change),
  });
  if (!settled.written) {
    return await yieldTo(dependencies, held, settled.current, failure.refreshToken);
  }
  if (failure.cause === "client_rejected") {
    throw new InternalError("client_rejected");
  }
  reportFailing(dependencies, held, { cooldown: settled.grant.cooldown, at: stamp.at });
  const until = settled.grant.cooldown?.until ?? stamp.at;
  throw new UnavailableError(failure.cause, {
    retryAfterSeconds: (until - stamp.at) / 1000,
    setting: failure.setting,
  });
}

/** Told before, or failing for long while others are served. */
function isAlone({ patience }: ExchangeDependencies, grant: Grant, at: EpochMs): boolean {
  const failing = grant.cooldown?.failing;
  return (
    failing !== undefined &&
    (failing.isTold ||
      (patience?.isLong(failing, at) === true && patience.servesOthers(grant.sub, at)))
  );
}

/** @throws NeedsSignInError where the user is to be told, too */
function reportFailing(
  { patience }: ExchangeDependencies,
  { call }: Held,
  { cooldown, at }: { readonly cooldown: Cooldown | undefined; readonly at: EpochMs },
): void {
  const failing = cooldown?.failing;
  if (failing === undefined) {
    return;
  }
  const fields = { reason: cooldown?.cause ?? "", count: failing.attempts };
  if (failing.isTold) {
    call.log.error("grant_failing", fields);
    throw new NeedsSignInError("refresh_token_failing");
  }
  if (patience?.isLong(failing, at) === true) {
    call.log.warn("grant_failing", fields);
  }
}

function stampOf({ clock }: ExchangeDependencies, { call }: Held): Stamp {
  return { at: clock.now(), by: call.by };
}
