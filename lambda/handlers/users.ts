/**
 * `PUT /me`, `GET /me`, `PATCH /me`: has rights to the users table and sessions. With `fresh=true`
 * it calls userinfo with an access token that it gets as its caller could.
 */
import { authentication, createBase, userinfo, usersTable } from "../composition";
import { readVariable } from "../env";
import { createEndpoint, idTokenRoute, userRoute } from "../http/endpoint";
import {
  emptyBody,
  patchBody,
  readIfMatch,
  toFreshUserResponse,
  toUserResponse,
} from "../http/user-dto";
import type { User } from "../model";
import { createHttpClient } from "../platform/http-client";
import { createOwnApi } from "../platform/own-api";
import { createUserStore } from "../store/user-store";
import { timeLimitsOf } from "../time-limits";
import { createPatchAttributes } from "../use-cases/attributes";
import { createBudget } from "../use-cases/budget";
import { createGetFreshUser } from "../use-cases/fresh-user";
import { createGetUser, createPutUser } from "../use-cases/users";

/** The query that also asks the provider. */
const FRESH = "fresh=true";

const base = createBase(readVariable);
const { clock, settings, log } = base;
const { limits, authenticate, transport } = authentication(base);
const users = createUserStore(usersTable(base));
const putUser = createPutUser({ users, clock });
const getUser = createGetUser({ users });
const getFreshUser = createGetFreshUser({
  users,
  ownApi: createOwnApi({ url: readVariable("API_URL"), http: createHttpClient() }),
  userinfo: userinfo(base),
  userinfoRequests: createBudget({ perMinute: limits.userinfoPerMinute, clock }),
  userinfoTimeoutMs: timeLimitsOf(settings).userinfoTimeoutMs,
  clock,
});
const patchAttributes = createPatchAttributes({ users, clock });

const putMe = idTokenRoute({
  body: emptyBody,
  handle: async ({ idToken, caller }) => {
    const { user, created } = await putUser(idToken, caller.evidence);
    return ok(user, created ? 201 : 200);
  },
});

const getMe = userRoute({
  queries: [FRESH],
  handle: async ({ caller, event, deadline, log }) => {
    const { evidence } = caller;
    if (event.query !== FRESH) {
      return ok(await getUser(evidence));
    }
    const credentials = transport.forwardedCredentials(event);
    const { user, freshAt } = await getFreshUser({ evidence, credentials, deadline, log });
    return { ...ok(user), body: toFreshUserResponse(user, freshAt) };
  },
});

const patchMe = userRoute({
  body: patchBody,
  handle: async ({ caller, body, event }) => {
    const ifVersion = readIfMatch(event.headers["if-match"]);
    const { attributes: patch } = body;
    return ok(await patchAttributes({ evidence: caller.evidence, patch, ifVersion }));
  },
});

/** The entity tag is what `If-Match` of the next `PATCH /me` takes. */
function ok(user: User, status = 200) {
  return { status, body: toUserResponse(user), headers: { etag: `"${String(user.version)}"` } };
}

const routes = { "PUT /me": putMe, "GET /me": getMe, "PATCH /me": patchMe };

export const handler = createEndpoint({
  routes,
  authenticate,
  logger: log,
  clock,
});
