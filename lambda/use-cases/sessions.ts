/**
 * Sessions: an ID token proves a user for one hour and a refresh brings no new one, so whoever stays signed in does so by a session.
 *
 * Invariants: the token leaves once, at opening; a session past either limit, or ended, is nobody; using one moves its idle limit, but writes only
 * when a tenth of it has passed, so that most requests cost one read.
 */
import { UnauthorizedError } from "../errors";
import {
  evidenceOfSession,
  type Caller,
  type EpochMs,
  type Evidence,
  type Session,
  type SessionLimits,
} from "../model";
import type { Clock, Random, SessionStore, SessionTokens } from "../ports";

export interface SessionDependencies {
  readonly sessions: SessionStore;
  readonly tokens: SessionTokens;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  readonly random: Random;
}

/** A session is touched when this part of its idle limit has passed since the last time. */
const TOUCH_AFTER = 0.1;

export interface OpenedSession {
  readonly session: Session;
  /** Shown to its holder now and never again. */
  readonly token: string;
}

/** Who has just signed in, by which browser. */
export interface SignedIn {
  readonly evidence: Evidence;
  readonly userAgent: string;
}

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

/** @throws UnauthorizedError for whatever is not a live session */
export function createResolveSession(dependencies: Omit<SessionDependencies, "random">) {
  const { sessions, tokens, limits, clock } = dependencies;

  return async (token: string): Promise<Caller> => {
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
    if (now >= session.idleExpiresAt || now >= session.expiresAt) {
      throw new UnauthorizedError("session_expired");
    }
    if (now - session.lastSeenAt >= limits.idleSeconds * 1000 * TOUCH_AFTER) {
      const idleExpiresAt = idleLimit(limits, now, session.expiresAt);
      await sessions.touch({ ...session, lastSeenAt: now, idleExpiresAt });
    }
    return { kind: "session", sub: session.sub, evidence: evidenceOfSession(session), session };
  };
}

/** Live ones, newest first. */
export function createListSessions({
  sessions,
  clock,
  limits,
}: Pick<SessionDependencies, "sessions" | "clock" | "limits">) {
  return async (sub: string): Promise<readonly Session[]> => {
    const now = clock.now();
    const all = await sessions.listOf(sub);
    return all
      .map((session) => believed(session, limits, now))
      .filter(({ idleExpiresAt, expiresAt }) => now < idleExpiresAt && now < expiresAt)
      .sort((a, b) => b.createdAt - a.createdAt);
  };
}

export function createEndSessions({ sessions }: Pick<SessionDependencies, "sessions">) {
  return {
    /** The session that the caller is using. */
    endCurrent: async (session: Session): Promise<void> => {
      await sessions.end(session.tokenHash);
    },
    /** One of the caller's own; one that is not theirs is no session to them. */
    endOne: async (sub: string, id: string): Promise<boolean> => {
      const own = (await sessions.listOf(sub)).find((session) => session.id === id);
      if (own === undefined) {
        return false;
      }
      await sessions.end(own.tokenHash);
      return true;
    },
    /** All of them; the one in use last, so that a call that breaks off can be repeated. */
    endAll: async (current: Session): Promise<void> => {
      const others = (await sessions.listOf(current.sub)).filter(
        ({ tokenHash }) => tokenHash !== current.tokenHash,
      );
      await Promise.all(others.map(({ tokenHash }) => sessions.end(tokenHash)));
      await sessions.end(current.tokenHash);
    },
  };
}

/** By how much clocks may differ (SECURITY.md). */
const CLOCK_SKEW_MS = 2_000;

/**
 * More functions may touch a session than may make one, so what touching writes is believed only as far as the limits go: an
 * idle limit up to what the last use gives, and a use in the future not at all.
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
