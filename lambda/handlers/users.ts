/** `PUT /me`, `GET /me`, `PATCH /me`: reaches the users table, and with `fresh` the provider as its caller could; nothing that is sealed. */
import { readEnvironment } from "../env";
import { createEndpoint, idTokenRoute, userRoute } from "../http/endpoint";
import { emptyBody, freshWire, patchBody, readIfMatch, userWire } from "../http/user-wire";
import { createOwnApi } from "../platform/own-api";
import { createUserinfo } from "../idp/userinfo";
import type { User } from "../model";
import { createUserStore } from "../store/user-store";
import { createPatchAttributes } from "../use-cases/attributes";
import { createBudget } from "../use-cases/budget";
import { createGetFreshUser } from "../use-cases/fresh-user";
import { createGetUser, createPutUser } from "../use-cases/users";
import { timeLimitsOf } from "../time-limits";
import { wire, WIRED } from "./wiring";

/** Also ask the provider. */
const FRESH = "fresh=true";

const env = readEnvironment([...WIRED, "USERS_TABLE", "API_URL"]);
const { limits, clock, documents, http, profile, authenticate, logger, transport } = wire(env);
const { userinfoEndpoint } = env.IDP_SETTINGS;
const users = createUserStore({ table: env.USERS_TABLE, client: documents });
const putUser = createPutUser({ users, clock });
const getUser = createGetUser({ users });
const getFreshUser = createGetFreshUser({
  users,
  ownApi: createOwnApi({ url: env.API_URL, http }),
  userinfo:
    userinfoEndpoint === undefined
      ? undefined
      : createUserinfo({ url: userinfoEndpoint, profile, http }),
  userinfoRequests: createBudget({ perMinute: limits.userinfoPerMinute, clock }),
  userinfoTimeoutMs: timeLimitsOf(env.IDP_SETTINGS).userinfoTimeoutMs,
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
    const credentials = transport.asCaller(event);
    const { user, freshAt } = await getFreshUser({ evidence, credentials, deadline, log });
    return { ...ok(user), body: freshWire(user, freshAt) };
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
  return { status, body: userWire(user), headers: { etag: `"${String(user.version)}"` } };
}

const routes = { "PUT /me": putMe, "GET /me": getMe, "PATCH /me": patchMe };

export const handler = createEndpoint({ routes, authenticate, logger, clock });
