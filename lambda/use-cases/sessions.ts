/**
 * Sessions keep a user signed in: an ID token proves a user for one hour, and a refresh brings no
 * new one.
 *
 * Invariants: the token leaves once, at opening; a session that has ended, or is past either limit,
 * authenticates no caller; using a session moves its idle limit, but writes only when a tenth of it
 * has passed, so that most requests cost one read.
 */
import { assertCurrent } from "../cutoff";
import { UnauthorizedError } from "../errors";
import {
  type EpochMs,
  type Evidence,
  evidenceOfSession,
  type Session,
  type SessionCaller,
  type SessionLimits,
} from "../model";
import type { Clock, Logger, Random } from "../ports/runtime";
import type { SessionEntry, SessionStore, UserStore } from "../ports/stores";
import type { SessionTokens } from "../ports/tokens";
import { bestOf, firstOf, pagesOf } from "./session-pages";
import { unlessUnreadable } from "./unreadable";

export interface SessionDependencies {
  readonly sessions: SessionStore;
  readonly tokens: SessionTokens;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  readonly random: Random;
}

/** A session is touched when this fraction of its idle limit has passed since the last touch. */
const TOUCH_AFTER = 0.1;

export interface OpenedSession {
  readonly session: Session;
  /** Returned to its holder now and never again. */
  readonly token: string;
}

/** A user who has just signed in, and the browser. */
export interface SignedIn {
  readonly evidence: Evidence;
  readonly userAgent: string;
}

/** @throws UnavailableError, InternalError */
export function createOpenSession(dependencies: SessionDependencies) {
  const { sessions, tokens, limits, clock, random } = dependencies;

  return async ({ evidence, userAgent }: SignedIn): Promise<OpenedSession> => {
    const now = clock.now();
    const { sub, at, tokenHash: idTokenHash } = evidence;
    const { token, tokenHash } = tokens.create();
    const expiresAt = now + limits.absoluteSeconds * 1000;
    const session: Session = {
      tokenHash,
      id: random.id(),
      sub,
      openedBy: { at, tokenHash: idTokenHash },
      createdAt: now,
      lastSeenAt: now,
      idleExpiresAt: idleLimit(limits, now, expiresAt),
      expiresAt,
      userAgent,
    };
    await sessions.create(session);
    return { session, token };
  };
}

/**
 * @throws UnauthorizedError `malformed_session`, `unknown_session` or `session_expired`;
 * UnavailableError; InternalError
 */
export function createResolveSession(dependencies: Omit<SessionDependencies, "random">) {
  const { sessions, tokens, limits, clock } = dependencies;

  return async (token: string): Promise<SessionCaller> => {
    const tokenHash = tokens.hash(token);
    if (tokenHash === undefined) {
      throw new UnauthorizedError("malformed_session");
    }
    const found = await sessions.find(tokenHash);
    if (found === undefined) {
      throw new UnauthorizedError("unknown_session");
    }
    const now = clock.now();
    const session = believed(found, limits, now);
    if (!isLive(session, now)) {
      throw new UnauthorizedError("session_expired");
    }
    if (now - session.lastSeenAt >= limits.idleSeconds * 1000 * TOUCH_AFTER) {
      const idleExpiresAt = idleLimit(limits, now, session.expiresAt);
      await sessions.touch({ ...session, lastSeenAt: now, idleExpiresAt });
    }
    return { kind: "session", sub: session.sub, evidence: evidenceOfSession(session), session };
  };
}

/**
 * The session of a token that came with a sign-in; undefined where it is not live, which is no
 * reason to refuse the sign-in.
 * @throws UnavailableError, InternalError
 */
export function createResolveIfLive(dependencies: Omit<SessionDependencies, "random">) {
  const resolve = createResolveSession(dependencies);

  return async (token: string): Promise<Session | undefined> => {
    try {
      return (await resolve(token)).session;
    } catch (error) {
      if (error instanceof UnauthorizedError) {
        return undefined;
      }
      throw error;
    }
  };
}

export interface OwnSessionsDependencies {
  readonly users: Pick<UserStore, "find">;
  readonly sessions: Pick<SessionStore, "page" | "end">;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  /** Sessions that a list shows at most. */
  readonly maxListed: number;
}

export interface OwnSessionsRequest {
  /** The session in use. */
  readonly session: Session;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

/**
 * Lists the user's live sessions, newest first; where there are too many, those used most recently.
 * @throws UnauthorizedError `erased_user` or `signed_out`; UnavailableError, also
 * `too_little_time_left`; InternalError
 */
export function createListSessions(dependencies: OwnSessionsDependencies) {
  const { clock, limits, maxListed } = dependencies;

  return async (request: OwnSessionsRequest): Promise<readonly Session[]> => {
    const { session, deadline } = request;
    const now = clock.now();
    const live = liveIn(firstOf(pagesOf(dependencies, session.sub, deadline)), limits, now);
    const [listed] = await Promise.all([
      bestOf(live, maxListed, lastUsedFirst),
      assertCounts(dependencies, request),
    ]);
    return listed.toSorted((a, b) => b.createdAt - a.createdAt);
  };
}

async function* liveIn(
  pages: AsyncIterable<readonly SessionEntry[]>,
  limits: SessionLimits,
  now: EpochMs,
): AsyncGenerator<readonly SessionEntry[]> {
  for await (const page of pages) {
    yield page.flatMap(({ tokenHash, session: found }) => {
      const session = found && believed(found, limits, now);
      return session !== undefined && isLive(session, now) ? [{ tokenHash, session }] : [];
    });
  }
}

/** Whether the session is past neither limit. */
export function isLive({ idleExpiresAt, expiresAt }: Session, now: EpochMs): boolean {
  return now < idleExpiresAt && now < expiresAt;
}

export function lastUsedFirst(one: Session, other: Session): number {
  return other.lastSeenAt - one.lastSeenAt;
}

/**
 * Ends one of the caller's own sessions.
 * @returns false where none of them has this `id`
 * @throws as {@link createListSessions}
 */
export function createEndOneSession(dependencies: OwnSessionsDependencies) {
  const { sessions } = dependencies;

  return async (request: OwnSessionsRequest, id: string): Promise<boolean> => {
    const { sub } = request.session;
    const [tokenHash] = await Promise.all([
      findOwn(pagesOf(dependencies, sub, request.deadline), id),
      assertCounts(dependencies, request),
    ]);
    if (tokenHash !== undefined) {
      await sessions.end(tokenHash);
    }
    return tokenHash !== undefined;
  };
}

async function findOwn(
  pages: AsyncIterable<readonly SessionEntry[]>,
  id: string,
): Promise<string | undefined> {
  for await (const page of pages) {
    const own = page.find(({ session }) => session?.id === id);
    if (own !== undefined) {
      return own.tokenHash;
    }
  }
  return undefined;
}

/** Refuses a session that an erasure or a sign-out everywhere covers but has not ended yet. */
async function assertCounts(
  { users }: OwnSessionsDependencies,
  { session, log }: OwnSessionsRequest,
): Promise<void> {
  const record = await unlessUnreadable(users.find(session.sub), log);
  assertCurrent(evidenceOfSession(session), record);
}

/** Ends the session that its holder is using. */
export function createEndSession({ sessions }: { readonly sessions: Pick<SessionStore, "end"> }) {
  return async ({ tokenHash }: Session): Promise<void> => {
    await sessions.end(tokenHash);
  };
}

/** Milliseconds by which clocks may differ (SECURITY.md). */
const CLOCK_SKEW_MS = 2_000;

/**
 * More functions may touch a session than may create one, so what a touch writes is believed only
 * within the limits: an idle limit up to what the last use gives, and a use in the future not at
 * all.
 */
function believed(session: Session, limits: SessionLimits, now: EpochMs): Session {
  const isPast = session.lastSeenAt <= now + CLOCK_SKEW_MS;
  const lastSeenAt = isPast ? session.lastSeenAt : session.createdAt;
  const limit = idleLimit(limits, lastSeenAt, session.expiresAt);
  return { ...session, lastSeenAt, idleExpiresAt: Math.min(session.idleExpiresAt, limit) };
}

function idleLimit(limits: SessionLimits, now: EpochMs, expiresAt: EpochMs): EpochMs {
  return Math.min(now + limits.idleSeconds * 1000, expiresAt);
}
