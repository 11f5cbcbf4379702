/**
 * `PUT /me` and `GET /me` with the real verifier over real keys: the black box that the token
 * statements are shown on.
 */
import { createIdTokenVerifier } from "../../lambda/auth/id-token-verifier";
import { createKeySet } from "../../lambda/auth/key-set";
import { createRefreshTokenVerifier } from "../../lambda/auth/refresh-token-verifier";
import type { IdpSettings } from "../../lambda/env";
import { createAuthenticate } from "../../lambda/http/authenticate";
import { createEndpoint, idTokenRoute, userRoute } from "../../lambda/http/endpoint";
import { emptyBody, toUserResponse } from "../../lambda/http/user-dto";
import { createIdentity } from "../../lambda/idp/identity";
import { createGetUser, createPutUser } from "../../lambda/use-cases/users";
import { type EventOptions, httpEvent, lambdaContext } from "./events";
import { createLogDouble } from "./exchange-world";
import { createInMemoryUserStore } from "./in-memory-user-store";
import { createKeySetServer } from "./key-set-server";
import { type Alg, CLIENT_ID, createTestIssuer, ISSUER, NOW } from "./tokens";

export const ROLLUP_SETTINGS: IdpSettings = {
  profile: "rollup",
  issuer: ISSUER,
  clientId: CLIENT_ID,
  jwksUri: `${ISSUER}/.well-known/jwks.json`,
  tokenEndpoint: `${ISSUER}/token`,
  idTokenSigningAlgs: ["ES256"],
};

/** aws-jwt-verify reads the system's clock, so a test that moves time moves that one. */
export function createTestClock(start = NOW) {
  let now = start;
  const spy = jest.spyOn(Date, "now").mockImplementation(() => now);
  return {
    now: () => now,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    restore: () => {
      spy.mockRestore();
    },
  };
}

export function createUsersApi(settings: IdpSettings = ROLLUP_SETTINGS, alg: Alg = "ES256") {
  const clock = createTestClock();
  const issuer = createTestIssuer(alg);
  const server = createKeySetServer(() => issuer.jwks());
  const identity = createIdentity(settings);
  const { jwksUri } = settings;
  const keySet = createKeySet({ jwksUri, algs: identity.idToken.algs, http: server, clock });
  const verification = { settings, identity, keySet, clock };
  const users = createInMemoryUserStore();
  const { log, lines } = createLogDouble();
  const putUser = createPutUser({ users, clock });
  const getUser = createGetUser({ users });
  const handler = createEndpoint({
    routes: {
      "PUT /me": idTokenRoute({
        body: emptyBody,
        handle: async ({ idToken, caller }) => {
          const { user, created } = await putUser(idToken, caller.evidence);
          return { status: created ? 201 : 200, body: toUserResponse(user) };
        },
      }),
      "GET /me": userRoute({
        handle: async ({ caller }) => ({
          status: 200,
          body: toUserResponse(await getUser(caller.evidence)),
        }),
      }),
    },
    authenticate: createAuthenticate({ verifier: createIdTokenVerifier(verification) }),
    logger: log,
    clock,
  });

  async function call(route: string, options: EventOptions = {}) {
    const { statusCode, headers, body } = await handler(httpEvent(route, options), lambdaContext);
    const document = body === undefined ? undefined : (JSON.parse(body) as Record<string, unknown>);
    return { status: statusCode, headers, body: document };
  }

  return {
    clock,
    issuer,
    server,
    keySet,
    users,
    lines,
    call,
    handler,
    idTokens: createIdTokenVerifier(verification),
    refreshTokens: createRefreshTokenVerifier(verification),
    /** Status of `PUT /me` with this token as bearer. */
    verdict: async (token: string): Promise<number> => {
      const { status } = await call("PUT /me", { headers: { authorization: `Bearer ${token}` } });
      return status;
    },
    /** Why the last request was refused, as the operator sees it. */
    lastReason: () => (lines.at(-1)?.fields as { reason?: string } | undefined)?.reason,
  };
}
