/**
 * The user with claims from the provider's userinfo, which knows more than an ID token says.
 * Whatever goes wrong on the way, the stored user is the answer, with a word on how fresh it is.
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
  /** By user: each takes a call of our own API and one of the provider's. */
  readonly userinfoRequests: Budget;
  readonly userinfoTimeoutMs: number;
  readonly clock: Clock;
}

export interface FreshUserRequest {
  readonly evidence: Evidence;
  /** Headers by which the caller has proved themselves. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

export interface FreshUser {
  readonly user: User;
  /** When userinfo said so; undefined where it could not be asked. */
  readonly freshAt: EpochMs | undefined;
}

/** Left of the function's time for reading and writing the user, and for the answer. */
const RESERVE_MS = 2_000;
const MAX_CONFLICTS = 3;

/** @throws as `GET /me` does without `fresh` */
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
 * Written only where it changes what is shown, so that asking does not wear out versions (and
 * `If-Match` with them).
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
