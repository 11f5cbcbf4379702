/** `GET /me/export`, `DELETE /me`: reaches all three tables; opens what is sealed only where the provider lets tokens be revoked. */
import { readEnvironment } from "../env";
import { exportWire, receiptWire } from "../http/account-wire";
import { createEndpoint, userRoute } from "../http/endpoint";
import { systemRandom } from "../http/system";
import { createEndedMarks } from "../store/ended-marks";
import { createGrantStore } from "../store/grant-store";
import { createUserEraser } from "../store/user-eraser";
import { LASTING_OF } from "../store/written-attributes";
import { createErase } from "../use-cases/erase";
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
const exportUser = createExportUser(dependencies);

const getExport = userRoute({
  handle: async ({ caller }) => ({
    status: 200,
    body: exportWire(await exportUser(caller.evidence), clock.now()),
  }),
});

const deleteMe = userRoute({
  handle: async ({ caller, log }) => {
    const { sub, evidence } = caller;
    const receipt = await eraseUser({ sub, evidence, log });
    return { status: 200, body: receiptWire(receipt), cookies: transport.cleared };
  },
});

const routes = { "GET /me/export": getExport, "DELETE /me": deleteMe };

export const handler = createEndpoint({ routes, authenticate, logger, clock });
