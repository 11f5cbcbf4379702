/**
 * `POST /sessions`, `GET /sessions`, `DELETE /sessions`, `…/current`, `…/{id}`: knows the client
 * secret and seals refresh tokens. It cannot open them.
 */
import {
  authentication,
  clientAuthentication,
  createBase,
  endedMarks,
  grantStore,
  ownershipCheck,
  sealer,
  tokenEndpoint,
  usersTable,
} from "../composition";
import { readVariable } from "../env";
import { InvalidRequestError } from "../errors";
import { readBody } from "../http/body";
import {
  createEndpoint,
  eitherRoute,
  idTokenRoute,
  publicRoute,
  sessionRoute,
} from "../http/endpoint";
import { toSessionListResponse } from "../http/session-dto";
import { createReadSignInCall } from "../http/sign-in-call";
import { codeBody, idTokenBody, toSignInResult } from "../http/sign-in-dto";
import { codeFlowOf } from "../idp/identity";
import { MAX_SESSIONS_PER_USER } from "../limits";
import { systemTimer } from "../platform/clock";
import { systemRandom } from "../platform/random";
import { scopesIn } from "../scopes";
import { LASTING_OF } from "../store/lasting-attributes";
import { createUserStore } from "../store/user-store";
import { createBudget, createSharedBudget } from "../use-cases/budget";
import {
  createEndOneSession,
  createEndSession,
  createListSessions,
  createResolveIfLive,
} from "../use-cases/sessions";
import { createSignInByCode, createSignInByIdToken } from "../use-cases/sign-in";
import { createSignOutEverywhere } from "../use-cases/sign-out";

const base = createBase(readVariable);
const { clock, settings, log } = base;
const codeFlow = codeFlowOf(settings);
const auth = authentication(base);
const { limits, authenticate, transport } = auth;
/** The budget of all networks together, in budgets of one network. */
const ALL_NETWORKS = 10;

const dependencies = {
  ...auth.sessions,
  users: createUserStore(usersTable(base)),
  grants: grantStore(base, LASTING_OF.sessions),
  ended: endedMarks(base),
  sealer: sealer(base),
  ownership: ownershipCheck(base, auth),
  verifier: auth.verifier,
  tokenEndpoint: tokenEndpoint(base),
  clientAuthentication: clientAuthentication(base),
  redirectUris: readVariable("REDIRECT_URIS"),
  isPossibleCode: codeFlow.isPossibleCode,
  isCodeReusable: codeFlow.isCodeReusable,
  idTokenPolicy: auth.idTokenPolicy,
  sessionsPerUser: limits.sessionsPerUser,
  maxListed: MAX_SESSIONS_PER_USER,
  refreshTokens: createBudget({ perMinute: limits.refreshTokensPerMinute, clock }),
  refusedCodes: createSharedBudget(
    createBudget({ perMinute: limits.refusedCodesPerMinute, clock }),
    createBudget({ perMinute: ALL_NETWORKS * limits.refusedCodesPerMinute, clock }),
  ),
  clock,
  timer: systemTimer,
  random: systemRandom,
};
const signInByCode = createSignInByCode(dependencies);
const signInByIdToken = createSignInByIdToken(dependencies);
const endSession = createEndSession(dependencies);
const endOne = createEndOneSession(dependencies);
const listSessions = createListSessions(dependencies);
const signOutEverywhere = createSignOutEverywhere(dependencies);
const readCall = createReadSignInCall({
  transport,
  tokens: auth.sessions.tokens,
  findSession: createResolveIfLive(auth.sessions),
});

const answer = { transport, askFor: settings.refreshTokenParameters };

const byCode = publicRoute({
  handle: async (request) => {
    const body = readBody(request.event, codeBody(codeFlow));
    const { code, redirect_uri: redirectUri, code_verifier: codeVerifier, nonce } = body;
    const scopes = scopesIn(body.scope);
    const call = await readCall(request);
    const result = await signInByCode({ code, redirectUri, codeVerifier, nonce, scopes }, call);
    return toSignInResult(result, answer, clock.now());
  },
});

const byIdToken = idTokenRoute({
  body: idTokenBody,
  handle: async ({ idToken, body, ...request }) => {
    const result = await signInByIdToken(idToken, body.refresh_token, await readCall(request));
    return toSignInResult(result, answer, clock.now());
  },
});

const getSessions = sessionRoute({
  handle: async ({ session, deadline, log }) => ({
    status: 200,
    body: toSessionListResponse(await listSessions({ session, deadline, log }), session),
  }),
});

const deleteCurrent = sessionRoute({
  handle: async ({ session }) => {
    await endSession(session);
    return { status: 204, cookies: transport.clearingCookies };
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
    return { status: 204, cookies: transport.clearingCookies };
  },
});

const routes = {
  // By code in the body, or by ID token in the Authorization header.
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
  logger: log,
  clock,
});
