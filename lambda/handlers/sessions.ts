/** `POST /sessions`, `GET /sessions`, `DELETE /sessions`, `…/current`, `…/{id}`: knows the client secret, seals, and cannot open. */
import {
  authentication,
  clientSecret,
  createBase,
  grantStore,
  ownershipCheck,
  sealer,
  tokenEndpoint,
  usersTable,
} from "../composition";
import { readVariable } from "../env";
import { InvalidRequestError, UnauthorizedError } from "../errors";
import {
  createEndpoint,
  eitherRoute,
  idTokenRoute,
  publicRoute,
  sessionRoute,
  type RouteRequest,
} from "../http/endpoint";
import { sessionTokenIn } from "../http/authenticate";
import { readBody } from "../http/body";
import { networkOf } from "../http/caller-network";
import { sessionWire, userAgentFamily } from "../http/session-wire";
import { codeBody, idTokenBody, signInWire } from "../http/sign-in-wire";
import { MAX_SESSIONS_PER_USER } from "../limits";
import type { Caller } from "../model";
import { systemTimer } from "../platform/clock";
import { createLogger } from "../platform/logger";
import { systemRandom } from "../platform/random";
import { createUserStore } from "../store/user-store";
import { LASTING_OF } from "../store/lasting-attributes";
import { createBudget, createSharedBudget } from "../use-cases/budget";
import {
  createBoundedProof,
  createStoreExchanged,
  createStoreRefreshToken,
} from "../use-cases/refresh-token";
import { createKeepCap } from "../use-cases/session-cap";
import {
  createEndOneSession,
  createEndSession,
  createListSessions,
  createOpenSession,
} from "../use-cases/sessions";
import { createSignOutEverywhere } from "../use-cases/sign-out";
import {
  createSignInByCode,
  createSignInByIdToken,
  type SignInCall,
  type SignInResult,
} from "../use-cases/sign-in";
import { createPutUser } from "../use-cases/users";

const base = createBase(readVariable);
const { clock, profile } = base;
const auth = authentication(base);
const { limits, authenticate, transport } = auth;
const users = createUserStore(usersTable(base));
const grants = grantStore(base, LASTING_OF.sessions);
const sealing = { grants, sealer: sealer(base), clock, random: systemRandom };
const own = { ...auth.sessions, users, maxListed: MAX_SESSIONS_PER_USER };
const endSession = createEndSession(own);
const endOne = createEndOneSession(own);
const listSessions = createListSessions(own);
const signOutEverywhere = createSignOutEverywhere({ ...own, grants, random: systemRandom });
const proof = ownershipCheck(base, auth);
const boundedProof = createBoundedProof(
  proof,
  createBudget({ perMinute: limits.refreshTokensPerMinute, clock }),
);
/** Many networks at once may not ask the provider for ever, either. */
const ALL_NETWORKS = 10;
const refusedCodes = createSharedBudget(
  createBudget({ perMinute: limits.refusedCodesPerMinute, clock }),
  createBudget({ perMinute: ALL_NETWORKS * limits.refusedCodesPerMinute, clock }),
);
const dependencies = {
  verifier: auth.verifier,
  refusedCodes,
  tokenEndpoint: tokenEndpoint(base),
  clientSecret: clientSecret(base),
  redirectUris: readVariable("REDIRECT_URIS"),
  isCodeReusable: profile.signIn.isCodeReusable,
  isPossibleCode: profile.signIn.isPossibleCode,
  clockToleranceSeconds: profile.idToken.clockToleranceSeconds,
  putUser: createPutUser({ users, clock }),
  findUser: (sub: string) => users.find(sub),
  inspectRefreshToken: (refreshToken: string, sub: string) =>
    boundedProof.inspect(refreshToken, sub),
  storeRefreshToken: createStoreRefreshToken({ ...sealing, proof }),
  storeExchanged: createStoreExchanged(sealing),
  openSession: createOpenSession({ ...auth.sessions, random: systemRandom }),
  keepCap: createKeepCap({
    ...auth.sessions,
    sessionsPerUser: limits.sessionsPerUser,
  }),
  endSession,
  clock,
  timer: systemTimer,
};
const signInByCode = createSignInByCode(dependencies);
const signInByIdToken = createSignInByIdToken(dependencies);

type Request = Omit<RouteRequest<unknown>, "body">;

/** What a sign-in needs to know of its request, whichever way it comes. */
async function callOf({ event, routeKey, deadline, log }: Request): Promise<SignInCall> {
  transport.assertOurPage(event);
  const presented = sessionTokenIn({ tokens: auth.sessions.tokens, transport }, event);
  const caller = presented === undefined ? undefined : await resolveIfLive(presented);
  return {
    by: routeKey,
    userAgent: userAgentFamily(event.headers["user-agent"]),
    network: networkOf(event.sourceIp),
    replaces: caller?.kind === "session" ? caller.session : undefined,
    deadline,
    log,
  };
}

/** One that has run out is no reason not to sign in. */
async function resolveIfLive(token: string): Promise<Caller | undefined> {
  return await auth.resolve(token).catch((error: unknown) => {
    if (error instanceof UnauthorizedError) {
      return undefined;
    }
    throw error;
  });
}

function opened({ token, ...result }: SignInResult) {
  const { token: shown, cookies } = transport.handOver(token);
  return { status: 201, body: signInWire({ ...result, token: shown }, clock.now()), cookies };
}

const byCode = publicRoute({
  handle: async (request) => {
    const body = readBody(request.event, codeBody(profile.signIn));
    const { redirect_uri: redirectUri, code_verifier: codeVerifier } = body;
    const code = { code: body.code, redirectUri, codeVerifier, nonce: body.nonce };
    return opened(await signInByCode(code, await callOf(request)));
  },
});

const byIdToken = idTokenRoute({
  body: idTokenBody,
  handle: async ({ idToken, body, ...request }) =>
    opened(await signInByIdToken(idToken, body.refresh_token, await callOf(request))),
});

const getSessions = sessionRoute({
  handle: async ({ session, deadline, log }) => ({
    status: 200,
    body: {
      sessions: (await listSessions({ session, deadline, log })).map((each) => ({
        ...sessionWire(each),
        current: each.id === session.id,
      })),
    },
  }),
});

const deleteCurrent = sessionRoute({
  handle: async ({ session }) => {
    await endSession(session);
    return { status: 204, cookies: transport.cleared };
  },
});

const deleteOne = sessionRoute({
  handle: async ({ session, event, deadline, log }) => {
    if (!(await endOne({ session, deadline, log }, event.pathParameters["id"] ?? ""))) {
      throw new InvalidRequestError("not_found");
    }
    return { status: 204 };
  },
});

const deleteAll = sessionRoute({
  handle: async ({ session, deadline, log }) => {
    await signOutEverywhere({ session, deadline, log });
    return { status: 204, cookies: transport.cleared };
  },
});

const routes = {
  // A code in the body is a proof by itself; an ID token is in the Authorization header.
  "POST /sessions": eitherRoute((event) =>
    event.headers["authorization"] === undefined && (event.body ?? "") !== "" ? byCode : byIdToken,
  ),
  "GET /sessions": getSessions,
  "DELETE /sessions": deleteAll,
  "DELETE /sessions/current": deleteCurrent,
  "DELETE /sessions/{id}": deleteOne,
};

export const handler = createEndpoint({
  routes,
  authenticate,
  logger: createLogger({ clock }),
  clock,
});
