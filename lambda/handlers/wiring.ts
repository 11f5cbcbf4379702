/** What every function that believes ID tokens and sessions is wired from. */
import { createKeySet } from "../auth/key-set";
import { createIdTokenVerifier } from "../auth/id-token-verifier";
import { sessionTokens } from "../auth/session-token";
import type { Environment } from "../env";
import { createAuthenticate } from "../http/authenticate";
import { createSessionTransport } from "../http/session-transport";
import { createLogger } from "../http/logger";
import { systemClock } from "../http/system";
import { createHttpClient } from "../idp/http-client";
import { createProfile } from "../idp/profile";
import { createDocumentClient } from "../store/dynamodb";
import { createSessionStore } from "../store/session-store";
import { createDueAt } from "../grant/phase";
import { timeLimitsOf } from "../time-limits";
import { createResolveSession } from "../use-cases/sessions";

/** What {@link wire} is given; every function that calls it reads at least these. */
export const WIRED = ["IDP_SETTINGS", "SESSIONS_TABLE", "SESSION_SETTINGS", "LIMITS"] as const;

export function wire(env: Pick<Environment, (typeof WIRED)[number]>) {
  const clock = systemClock;
  const http = createHttpClient();
  const documents = createDocumentClient();
  const settings = env.IDP_SETTINGS;
  const profile = createProfile(settings);
  const { jwksUri } = settings;
  const { algs } = profile.idToken;
  const { jwksTimeoutMs: timeoutMs } = timeLimitsOf(settings);
  const keySet = createKeySet({ jwksUri, algs, http, clock, timeoutMs });
  const verification = { settings, profile, keySet, clock };
  const verifier = createIdTokenVerifier(verification);
  const sessions = {
    sessions: createSessionStore({ table: env.SESSIONS_TABLE, client: documents }),
    tokens: sessionTokens,
    limits: env.SESSION_SETTINGS,
    clock,
  };
  const resolve = createResolveSession(sessions);
  const transport = createSessionTransport(env.SESSION_SETTINGS);
  const authenticate = createAuthenticate({
    verifier,
    sessions: { tokens: sessionTokens, resolve, transport },
  });
  const logger = createLogger({ clock });
  return {
    limits: env.LIMITS,
    clock,
    http,
    documents,
    profile,
    dueAt: createDueAt(profile),
    verification,
    verifier,
    sessions,
    resolve,
    transport,
    authenticate,
    logger,
  };
}
