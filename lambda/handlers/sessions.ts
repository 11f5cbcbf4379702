/** `POST /sessions`, `GET /sessions`, `DELETE /sessions`, `…/current`, `…/{id}`: knows the client secret, seals, and cannot open. */
import { createRefreshTokenVerifier } from "../auth/refresh-token-verifier";
import { readEnvironment } from "../env";
import { InvalidRequestError } from "../errors";
import {
  createEndpoint,
  eitherRoute,
  idTokenRoute,
  publicRoute,
  sessionRoute,
} from "../http/endpoint";
import { readBody } from "../http/body";
import { sessionWire, userAgentFamily } from "../http/session-wire";
import { codeBody, idTokenBody, signInWire } from "../http/sign-in-wire";
import { systemRandom } from "../http/system";
import { createClientSecretSource, createSecretsManagerClient } from "../idp/client-secret";
import { createTokenEndpoint } from "../idp/token-endpoint";
import { createKmsClient } from "../kms/client";
import { createKmsSealer } from "../kms/kms-sealer";
import { createGrantStore } from "../store/grant-store";
import { createUserStore } from "../store/user-store";
import { createStoreExchanged, createStoreRefreshToken } from "../use-cases/refresh-token";
import { createEndSessions, createListSessions, createOpenSession } from "../use-cases/sessions";
import { createSignInByCode, createSignInByIdToken } from "../use-cases/sign-in";
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
const { clock, documents, http, profile, authenticate, logger } = wired;
const { endCurrent, endOne, endAll } = createEndSessions(wired.sessions);
const users = createUserStore({ table: env.USERS_TABLE, client: documents });
const sealing = {
  grants: createGrantStore({ table: env.REFRESH_TOKENS_TABLE, client: documents }),
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
  putUser: createPutUser({ users, clock }),
  findUser: (sub: string) => users.find(sub),
  storeRefreshToken: createStoreRefreshToken({ ...sealing, proof }),
  storeExchanged: createStoreExchanged(sealing),
  openSession: createOpenSession({ ...wired.sessions, random: systemRandom }),
  endSession: endCurrent,
  clock,
};
const signInByCode = createSignInByCode(dependencies);
const signInByIdToken = createSignInByIdToken(dependencies);
const listSessions = createListSessions(wired.sessions);

const byCode = publicRoute({
  handle: async ({ event, routeKey: by }) => {
    const body = readBody(event, codeBody);
    const { code, redirect_uri: redirectUri, code_verifier: codeVerifier } = body;
    const call = { by, userAgent: userAgentFamily(event.headers["user-agent"]) };
    const result = await signInByCode({ code, redirectUri, codeVerifier }, call);
    return { status: 201, body: signInWire(result, clock.now()) };
  },
});

const byIdToken = idTokenRoute({
  body: idTokenBody,
  handle: async ({ idToken, body, event, routeKey: by }) => {
    const call = { by, userAgent: userAgentFamily(event.headers["user-agent"]) };
    const result = await signInByIdToken(idToken, body.refresh_token, call);
    return { status: 201, body: signInWire(result, clock.now()) };
  },
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
    return { status: 204 };
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
    return { status: 204 };
  },
});

const routes = {
  // A code in the body is a proof by itself; whoever sends an Authorization header proves themselves by that.
  "POST /sessions": eitherRoute(({ headers, body }) =>
    headers["authorization"] === undefined && (body ?? "") !== "" ? byCode : byIdToken,
  ),
  "GET /sessions": getSessions,
  "DELETE /sessions": deleteAll,
  "DELETE /sessions/current": deleteCurrent,
  "DELETE /sessions/{id}": deleteOne,
};

export const handler = createEndpoint({ routes, authenticate, logger, clock });
