/**
 * The user with claims from the provider's userinfo, which knows more than an ID token says. Where
 * userinfo gives no usable answer, the answer is the stored user; `freshAt` tells the two apart.
 */
import { isDeepStrictEqual } from "node:util";
import {
  type EpochMs,
  type Evidence,
  mergedClaims,
  type User,
  type UserinfoClaims,
} from "../model";
import type { OwnApi, Userinfo } from "../ports/provider";
import type { Clock, Logger } from "../ports/runtime";
import type { UserStore } from "../ports/stores";
import type { Budget } from "./budget";
import { presentUser } from "./users";

export interface FreshUserDependencies {
  readonly users: UserStore;
  readonly ownApi: OwnApi;
  /** Absent where the provider has no such endpoint. */
  readonly userinfo: Userinfo | undefined;
  /** Per user: each takes one call of our own API and one of the provider's. */
  readonly userinfoRequests: Budget;
  readonly userinfoTimeoutMs: number;
  readonly clock: Clock;
}

export interface FreshUserRequest {
  readonly evidence: Evidence;
  /** The headers that authenticated the caller. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

export interface FreshUser {
  readonly user: User;
  /** When userinfo answered; undefined where `user` is only what was stored. */
  readonly freshAt: EpochMs | undefined;
}

/**
 * Milliseconds of the function's time that are kept for reading and writing the user, and for the
 * answer.
 */
const RESERVE_MS = 2_000;
const MAX_CONFLICTS = 3;

/** @throws what `GET /me` throws without `fresh` */
export function createGetFreshUser(dependencies: FreshUserDependencies) {
  const { users, clock } = dependencies;

  return async (request: FreshUserRequest): Promise<FreshUser> => {
    const { evidence } = request;
    const stored = presentUser(await users.find(evidence.sub), evidence);
    const claims = await ask(dependencies, request);
    return claims === undefined
      ? { user: stored, freshAt: undefined }
      : await keep(dependencies, stored, { request, userinfo: { claims, at: clock.now() } });
  };
}

async function ask(
  { ownApi, userinfo, userinfoRequests, userinfoTimeoutMs, clock }: FreshUserDependencies,
  { evidence, credentials, deadline, log }: FreshUserRequest,
): Promise<UserinfoClaims["claims"] | undefined> {
  const timeLeft = deadline - clock.now() - RESERVE_MS - userinfoTimeoutMs;
  if (userinfo === undefined || timeLeft <= 0) {
    return undefined;
  }
  if (userinfoRequests.take(evidence.sub) !== undefined) {
    return undefined;
  }
  const accessToken = await ownApi.accessToken(credentials, timeLeft);
  if (accessToken === undefined) {
    return undefined;
  }
  const answer = await userinfo.read(accessToken, evidence.sub, userinfoTimeoutMs);
  if (answer.kind === "foreign") {
    log.error("userinfo_refused", { reason: "foreign_subject" });
  }
  if (answer.kind === "unavailable" && answer.setting !== undefined) {
    log.warn("userinfo_refused", { reason: "idp_unavailable", setting: answer.setting });
  }
  return answer.kind === "claims" ? answer.claims : undefined;
}

/**
 * Writes only where the merged claims change, so that asking does not raise the version (and fail
 * the caller's next `If-Match`).
 */
async function keep(
  { users }: FreshUserDependencies,
  stored: User,
  { request, userinfo }: { request: FreshUserRequest; userinfo: UserinfoClaims },
): Promise<FreshUser> {
  const freshAt = userinfo.at;
  let user = stored;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    if (isDeepStrictEqual(mergedClaims(user), mergedClaims({ ...user, userinfo }))) {
      return { user, freshAt };
    }
    const changed = await users.putUserinfo(user, userinfo, freshAt);
    if (changed !== undefined) {
      return { user: changed, freshAt };
    }
    user = presentUser(await users.find(user.sub), request.evidence);
  }
  return { user, freshAt: undefined };
}
