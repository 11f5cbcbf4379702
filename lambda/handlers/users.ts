/** `PUT /me`, `GET /me`, `PATCH /me`: reaches the users table and nothing else. */
import { readEnvironment } from "../env";
import { createEndpoint, idTokenRoute, userRoute } from "../http/endpoint";
import { emptyBody, patchBody, readIfMatch, userWire } from "../http/user-wire";
import type { User } from "../model";
import { createUserStore } from "../store/user-store";
import { createPatchAttributes } from "../use-cases/attributes";
import { createGetUser, createPutUser } from "../use-cases/users";
import { wire, WIRED } from "./wiring";

const env = readEnvironment([...WIRED, "USERS_TABLE"]);
const { clock, documents, authenticate, logger } = wire(env);
const users = createUserStore({ table: env.USERS_TABLE, client: documents });
const putUser = createPutUser({ users, clock });
const getUser = createGetUser({ users });
const patchAttributes = createPatchAttributes({ users, clock });

const putMe = idTokenRoute({
  body: emptyBody,
  handle: async ({ idToken, caller }) => {
    const { user, created } = await putUser(idToken, caller.evidence);
    return ok(user, created ? 201 : 200);
  },
});

const getMe = userRoute({
  handle: async ({ caller }) => ok(await getUser(caller.evidence)),
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
