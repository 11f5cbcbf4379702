/** `PUT /me`, `GET /me`: reaches the users table and nothing else. */
import { readEnvironment } from "../env";
import { createEndpoint, userRoute } from "../http/endpoint";
import { emptyBody, userWire } from "../http/user-wire";
import { createDocumentClient } from "../store/dynamodb";
import { createUserStore } from "../store/user-store";
import { createGetUser, createPutUser } from "../use-cases/users";
import { wireVerification } from "./wiring";

const env = readEnvironment(["IDP_SETTINGS", "USERS_TABLE"]);
const { clock, authenticate, logger } = wireVerification(env.IDP_SETTINGS);
const users = createUserStore({ table: env.USERS_TABLE, client: createDocumentClient() });
const putUser = createPutUser({ users, clock });
const getUser = createGetUser({ users });

const putMe = userRoute({
  body: emptyBody,
  handle: async ({ caller }) => {
    const { user, created } = await putUser(caller.idToken);
    return { status: created ? 201 : 200, body: userWire(user) };
  },
});

const getMe = userRoute({
  handle: async ({ caller }) => ({ status: 200, body: userWire(await getUser(caller.sub)) }),
});

const routes = { "PUT /me": putMe, "GET /me": getMe };

export const handler = createEndpoint({ routes, authenticate, logger, clock });
