/**
 * `GET /me/export`, `DELETE /me`: reads and erases in all three tables. It can open refresh tokens
 * only where the provider has a revocation endpoint.
 */
import {
  authentication,
  createBase,
  endedMarks,
  grantStore,
  revocation,
  usersTable,
} from "../composition";
import { readVariable } from "../env";
import { toErasureReceiptResponse, toExportResponse } from "../http/account-dto";
import { createEndpoint, userRoute } from "../http/endpoint";
import { MAX_SESSIONS_PER_USER } from "../limits";
import { systemRandom } from "../platform/random";
import { LASTING_OF } from "../store/lasting-attributes";
import { createUserEraser } from "../store/user-eraser";
import { createErase } from "../use-cases/erase";
import { createExportUser } from "../use-cases/export";

const base = createBase(readVariable);
const { clock, log } = base;
const { authenticate, sessions, transport } = authentication(base);
const dependencies = {
  users: createUserEraser(usersTable(base)),
  grants: grantStore(base, LASTING_OF.account),
  ended: endedMarks(base),
  sessions: sessions.sessions,
  revocation: revocation(base),
  clock,
  random: systemRandom,
};
const eraseUser = createErase(dependencies);
const exportUser = createExportUser({ ...dependencies, maxListed: MAX_SESSIONS_PER_USER });

const getExport = userRoute({
  handle: async ({ caller, deadline }) => ({
    status: 200,
    body: toExportResponse(await exportUser(caller.evidence, deadline), clock.now()),
  }),
});

const deleteMe = userRoute({
  handle: async ({ caller, deadline, log }) => {
    const { sub, evidence } = caller;
    const currentTokenHash = caller.kind === "session" ? caller.session.tokenHash : undefined;
    const receipt = await eraseUser({ sub, evidence, currentTokenHash, deadline, log });
    return {
      status: 200,
      body: toErasureReceiptResponse(receipt),
      cookies: transport.clearingCookies,
    };
  },
});

const routes = { "GET /me/export": getExport, "DELETE /me": deleteMe };

export const handler = createEndpoint({
  routes,
  authenticate,
  logger: log,
  clock,
});
