/** `POST /sessions`, `GET /sessions`, `DELETE /sessions`, `…/current`, `…/{id}`: knows the client secret, seals, and cannot open. */
import { createRefreshTokenVerifier } from "../auth/refresh-token-verifier";
import { readEnvironment } from "../env";
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
import { sessionWire, userAgentFamily } from "../http/session-wire";
import { codeBody, idTokenBody, signInWire } from "../http/sign-in-wire";
import { systemRandom } from "../http/system";
import type { Caller } from "../model";
import { createClientSecretSource, createSecretsManagerClient } from "../idp/client-secret";
import { createTokenEndpoint } from "../idp/token-endpoint";
import { createKmsClient } from "../kms/client";
import { createKmsSealer } from "../kms/kms-sealer";
import { createGrantStore } from "../store/grant-store";
import { createUserStore } from "../store/user-store";
import { createStoreExchanged, createStoreRefreshToken } from "../use-cases/refresh-token";
import { createEndSessions, createListSessions, createOpenSession } from "../use-cases/sessions";
import {
  createSignInByCode,
  createSignInByIdToken,
  type SignInCall,
  type SignInResult,
} from "../use-cases/sign-in";
import { createPutUser } from "../use-cases/users";
import { createProof } from "./proof";
import { wire, WIRED } from "./wiring";

const env = readEnvironment([
  ...WIRED,
  "USERS_TABLE",
  "REFRESH_TOKENS_TABLE",
  "GRANT_KEY_ARN",
  "CLIENT_SECRET_ARN",
  "REDIRECT_URIS",
]);
const settings = env.IDP_SETTINGS;
const wired = wire(env);
const { clock, documents, http, profile, authenticate, logger, transport } = wired;
const { endCurrent, endOne, endAll } = createEndSessions(wired.sessions);
const users = createUserStore({ table: env.USERS_TABLE, client: documents });
const sealing = {
  grants: createGrantStore({
    table: env.REFRESH_TOKENS_TABLE,
    client: documents,
    dueAt: wired.dueAt,
  }),
  sealer: createKmsSealer({
    keyArn: env.GRANT_KEY_ARN,
    deployment: settings,
    client: createKmsClient(),
  }),
  clock,
  random: systemRandom,
};
const proof = createProof(wired, createRefreshTokenVerifier(wired.verification));
const dependencies = {
  verifier: wired.verifier,
  tokenEndpoint: createTokenEndpoint({ settings, profile, http, clock }),
  clientSecret: createClientSecretSource({
    arn: env.CLIENT_SECRET_ARN,
    client: createSecretsManagerClient(),
    clock,
  }),
  redirectUris: env.REDIRECT_URIS,
  isCodeReusable: profile.signIn.isCodeReusable,
  isPossibleCode: profile.signIn.isPossibleCode,
  clockToleranceSeconds: profile.idToken.clockToleranceSeconds,
  putUser: createPutUser({ users, clock }),
  findUser: (sub: string) => users.find(sub),
  inspectRefreshToken: (refreshToken: string, sub: string) => proof.inspect(refreshToken, sub),
  storeRefreshToken: createStoreRefreshToken({ ...sealing, proof }),
  storeExchanged: createStoreExchanged(sealing),
  openSession: createOpenSession({ ...wired.sessions, random: systemRandom }),
  endSession: endCurrent,
  clock,
};
const signInByCode = createSignInByCode(dependencies);
const signInByIdToken = createSignInByIdToken(dependencies);
const listSessions = createListSessions(wired.sessions);

type Request = Pick<RouteRequest<unknown>, "event" | "routeKey" | "log">;

/** What a sign-in needs to know of its request, whichever way it comes. */
async function callOf({ event, routeKey: by, log }: Request): Promise<SignInCall> {
  transport.assertOurPage(event);
  const presented = sessionTokenIn({ tokens: wired.sessions.tokens, transport }, event);
  const caller = presented === undefined ? undefined : await resolveIfLive(presented);
  return {
    by,
    log,
    userAgent: userAgentFamily(event.headers["user-agent"]),
    replaces: caller?.kind === "session" ? caller.session : undefined,
  };
}

/** One that has run out is no reason not to sign in. */
async function resolveIfLive(token: string): Promise<Caller | undefined> {
  return await wired.resolve(token).catch((error: unknown) => {
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
  handle: async ({ session }) => ({
    status: 200,
    body: {
      sessions: (await listSessions(session.sub)).map((each) => ({
        ...sessionWire(each),
        current: each.id === session.id,
      })),
    },
  }),
});

const deleteCurrent = sessionRoute({
  handle: async ({ session }) => {
    await endCurrent(session);
    return { status: 204, cookies: transport.cleared };
  },
});

const deleteOne = sessionRoute({
  handle: async ({ session, event }) => {
    if (!(await endOne(session.sub, event.pathParameters["id"] ?? ""))) {
      throw new InvalidRequestError("not_found");
    }
    return { status: 204 };
  },
});

const deleteAll = sessionRoute({
  handle: async ({ session }) => {
    await endAll(session);
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

export const handler = createEndpoint({ routes, authenticate, logger, clock });
