/** `PUT /me`, `GET /me`: reaches the users table and nothing else. */
import { readEnvironment } from "../env";
import { createEndpoint, idTokenRoute, userRoute } from "../http/endpoint";
import { emptyBody, userWire } from "../http/user-wire";
import { createUserStore } from "../store/user-store";
import { createGetUser, createPutUser } from "../use-cases/users";
import { wire, WIRED } from "./wiring";

const env = readEnvironment([...WIRED, "USERS_TABLE"]);
const { clock, documents, authenticate, logger } = wire(env);
const users = createUserStore({ table: env.USERS_TABLE, client: documents });
const putUser = createPutUser({ users, clock });
const getUser = createGetUser({ users });

const putMe = idTokenRoute({
  body: emptyBody,
  handle: async ({ idToken }) => {
    const { user, created } = await putUser(idToken);
    return { status: created ? 201 : 200, body: userWire(user) };
  },
});

const getMe = userRoute({
  handle: async ({ caller }) => ({ status: 200, body: userWire(await getUser(caller.sub)) }),
});

const routes = { "PUT /me": putMe, "GET /me": getMe };

export const handler = createEndpoint({ routes, authenticate, logger, clock });
