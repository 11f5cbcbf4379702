/**
 * The real use cases of a whole account over in-memory ports: sign in, refresh, disconnect, erase,
 * each as a function of its own.
 */
import { sessionTokens } from "../../lambda/auth/session-token";
import { type Evidence, evidenceOf, type Session, type VerifiedIdToken } from "../../lambda/model";
import { createBudget } from "../../lambda/use-cases/budget";
import { createErase } from "../../lambda/use-cases/erase";
import { createExportUser } from "../../lambda/use-cases/export";
import { createFreeze, createUnfreeze } from "../../lambda/use-cases/freeze";
import { createListSessions, createResolveSession } from "../../lambda/use-cases/sessions";
import { createSignInByIdToken } from "../../lambda/use-cases/sign-in";
import { createSignOutEverywhere } from "../../lambda/use-cases/sign-out";
import { createGetUser, createPutUser } from "../../lambda/use-cases/users";
import { createWorld, SUB, type WorldOptions } from "./exchange-world";
import { createInMemorySessionStore } from "./in-memory-session-store";
import { createInMemoryUserStore } from "./in-memory-user-store";

const LIMITS = { idleSeconds: 14 * 86_400, absoluteSeconds: 90 * 86_400 };

/** Enough for all that a test opens, but for those about too many. */
const SESSIONS = 50;
const CALL_MS = 15_000;

export type WrapPorts = <P extends object>(name: string, port: P) => P;

export async function createAccountWorld(
  options: WorldOptions & { readonly wrapPorts?: WrapPorts } = {},
) {
  const { wrapPorts = <P extends object>(_: string, port: P) => port } = options;
  const world = await createWorld({
    ...options,
    wrapStore: (store) => wrapPorts("grants", options.wrapStore?.(store) ?? store),
    wrapMarks: (marks) => wrapPorts("ended", options.wrapMarks?.(marks) ?? marks),
  });
  const { time, dependencies } = world;
  const userItems = createInMemoryUserStore();
  const sessionItems = createInMemorySessionStore();
  const users = wrapPorts("users", userItems);
  const sessions = wrapPorts("sessions", sessionItems);
  const sessionDependencies = {
    sessions,
    tokens: sessionTokens,
    limits: LIMITS,
    clock: time,
    random: dependencies.random,
  };
  const putUser = createPutUser({ users, clock: time });
  const signInByIdToken = createSignInByIdToken({
    ...dependencies,
    ...sessionDependencies,
    users,
    ownership: {
      precheck: () => Promise.resolve(),
      verify: (refreshToken) => Promise.resolve({ refreshToken }),
    },
    sessionsPerUser: SESSIONS,
    refreshTokens: createBudget({ perMinute: 1_000_000, clock: time }),
    idTokenPolicy: { clockToleranceSeconds: 60 },
  });
  const account = { ...dependencies, users, sessions };
  const erase = createErase(account);
  const freeze = createFreeze(account);
  const unfreeze = createUnfreeze(account);
  const exportUser = createExportUser({ ...account, clock: time, maxListed: SESSIONS });
  const signOutEverywhere = createSignOutEverywhere(account);
  const listSessions = createListSessions({ ...account, limits: LIMITS, maxListed: SESSIONS });
  const until = () => ({ deadline: time.now() + CALL_MS, log: dependencies.log });
  let serial = 0;

  /** Of this very second, as a provider writes it. */
  function idToken(overrides: Partial<VerifiedIdToken> = {}): VerifiedIdToken {
    const issuedAt = Math.floor(time.now() / 1000) * 1000;
    return {
      sub: SUB,
      issuedAt,
      expiresAt: issuedAt + 3_600_000,
      claims: { name: "Alice" },
      tokenHash: `token-${String((serial += 1))}`,
      ...overrides,
    };
  }

  return {
    ...world,
    userItems,
    sessionItems,
    idToken,
    putUser: (token: VerifiedIdToken) => putUser(token, evidenceOf(token)),
    getUser: createGetUser({ users }),
    resolve: createResolveSession(sessionDependencies),
    signInWith: (token: VerifiedIdToken, refreshToken?: string, replaces?: Session) =>
      signInByIdToken(token, refreshToken, {
        by: "POST /sessions",
        userAgent: "Firefox",
        network: "192.0.2.1",
        replaces,
        ...until(),
        log: dependencies.log,
      }),
    storeWith: (evidence: Evidence, refreshToken: string) =>
      world.storeRefreshToken({ evidence, by: "PUT /me/refresh-token", refreshToken }),
    erase: (evidence?: Evidence, current?: Session) =>
      erase({
        sub: SUB,
        ...(evidence && { evidence }),
        ...until(),
        currentTokenHash: current?.tokenHash,
      }),
    export: (evidence: Evidence) => exportUser(evidence, time.now() + CALL_MS),
    signOutEverywhere: (session: Session) => signOutEverywhere({ session, ...until() }),
    listSessions: (session: Session) => listSessions({ session, ...until() }),
    freeze: () => freeze({ sub: SUB, by: "admin" }),
    unfreeze: () => unfreeze({ sub: SUB, by: "admin" }),
  };
}

export type AccountWorld = Awaited<ReturnType<typeof createAccountWorld>>;
