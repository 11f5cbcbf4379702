/**
 * The synthesized template on real processes and engines, black-box through its HTTP API: one
 * stack for all of it.
 */
import { describeAccount } from "./suites/account";
import { describeAdmin } from "./suites/admin";
import { describeAttributes } from "./suites/attributes";
import { describeBadInput } from "./suites/bad-input";
import { describeContract } from "./suites/contract";
import { describeFaults } from "./suites/faults";
import { describeFresh } from "./suites/fresh";
import { describeGateway } from "./suites/gateway";
import { describeLookAlikes } from "./suites/look-alikes";
import { describeMadeUpKids } from "./suites/made-up-kids";
import { describeMainJob } from "./suites/main-job";
import { describeMove } from "./suites/move";
import { describePutBack } from "./suites/put-back";
import { describeRoundTrips } from "./suites/round-trips";
import { describeService } from "./suites/service";
import { describeSessions } from "./suites/sessions";
import { describeSingleFlight } from "./suites/single-flight";
import { describeSwapMatrix } from "./suites/swap-matrix";
import { describeTwoUsers } from "./suites/two-users";
import { startWorld, type World } from "./world";

jest.setTimeout(180_000);

let running: World;
const world = () => running;

beforeAll(async () => {
  running = await startWorld();
});

afterAll(async () => {
  await running.close();
});

describeMainJob(world);
describeRoundTrips(world);
describeLookAlikes(world);
describeMadeUpKids(world);
describeBadInput(world);
describeGateway(world);
describeSingleFlight(world);
describeTwoUsers(world);
describeSessions(world);
describeAttributes(world);
describeAccount(world);
describeService(world);
describeSwapMatrix(world);
describeFresh(world);
describeAdmin(world);
describeMove(world);
describePutBack(world);
describeFaults(world);
describeContract(world);

// Last, so that it judges everything above.
test("S36: after all of this no token, code or secret has left a trace in a log line, a body, an environment or a table", async () => {
  expect(await world().leaks()).toEqual({
    logLines: 0,
    logFiles: 0,
    bodies: 0,
    tables: 0,
    environments: 0,
  });
});
