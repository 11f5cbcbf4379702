/** `GET /me/export`, `DELETE /me`: reaches all three tables; opens what is sealed only where the provider lets tokens be revoked. */
import { readEnvironment } from "../env";
import { exportWire, receiptWire } from "../http/account-wire";
import { createEndpoint, userRoute } from "../http/endpoint";
import { systemRandom } from "../platform/random";
import { createEndedMarks } from "../store/ended-marks";
import { createGrantStore } from "../store/grant-store";
import { createUserEraser } from "../store/user-eraser";
import { LASTING_OF } from "../store/written-attributes";
import { createErase } from "../use-cases/erase";
import { MAX_SESSIONS_PER_USER } from "../limits";
import { createExportUser } from "../use-cases/export";
import { createRevocation } from "./revocation";
import { wire, WIRED } from "./wiring";

const env = readEnvironment([...WIRED, "USERS_TABLE", "REFRESH_TOKENS_TABLE"]);
const wired = wire(env);
const { clock, documents: client, authenticate, logger, transport } = wired;
const table = { table: env.REFRESH_TOKENS_TABLE, client };
const dependencies = {
  users: createUserEraser({ table: env.USERS_TABLE, client }),
  grants: createGrantStore({ ...table, dueAt: wired.dueAt, lasting: LASTING_OF.account }),
  ended: createEndedMarks(table),
  sessions: wired.sessions.sessions,
  revocation: createRevocation(wired),
  clock,
  random: systemRandom,
};
const eraseUser = createErase(dependencies);
const exportUser = createExportUser({ ...dependencies, maxListed: MAX_SESSIONS_PER_USER });

const getExport = userRoute({
  handle: async ({ caller, deadline }) => ({
    status: 200,
    body: exportWire(await exportUser(caller.evidence, deadline), clock.now()),
  }),
});

const deleteMe = userRoute({
  handle: async ({ caller, deadline, log }) => {
    const { sub, evidence } = caller;
    const currentTokenHash = caller.kind === "session" ? caller.session.tokenHash : undefined;
    const receipt = await eraseUser({ sub, evidence, currentTokenHash, deadline, log });
    return { status: 200, body: receiptWire(receipt), cookies: transport.cleared };
  },
});

const routes = { "GET /me/export": getExport, "DELETE /me": deleteMe };

export const handler = createEndpoint({ routes, authenticate, logger, clock });
