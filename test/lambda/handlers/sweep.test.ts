/**
 * What the schedule starts, and how it tells what came of it; what is swept is in
 * use-cases/sweep.test.ts.
 */
import type { IdpSettings } from "../../../lambda/env";
import type * as sweeping from "../../../lambda/handlers/sweep";
import type { SweepDependencies, SweepReport, SweepRequest } from "../../../lambda/use-cases/sweep";
import { NOW } from "../../support/tokens";
import { createTestClock, ROLLUP_SETTINGS } from "../../support/users-api";

const TIME_LEFT_MS = 59_000;
const NOTHING = { done: 0, failed: 0 };
const context = { getRemainingTimeInMillis: () => TIME_LEFT_MS };

const sweep = jest.fn<Promise<SweepReport>, [SweepRequest]>();
const createSweep = jest.fn<typeof sweep, [SweepDependencies]>();
let written: string[];

beforeEach(() => {
  createTestClock();
  written = [];
  jest.spyOn(process.stdout, "write").mockImplementation((line) => {
    written.push(String(line));
    return true;
  });
  sweep.mockReset().mockResolvedValue({ erasing: NOTHING, disconnecting: NOTHING, due: NOTHING });
  createSweep.mockReset().mockReturnValue(sweep);
});

afterEach(() => {
  delete process.env["RECOVERY_QUEUE_URL"];
});

/** Loads the function anew, as a fresh instance of Lambda would. */
function load(idp: Partial<IdpSettings> = {}): typeof sweeping.handler {
  const tables = ["USERS_TABLE", "REFRESH_TOKENS_TABLE", "SESSIONS_TABLE"];
  Object.assign(process.env, {
    METRICS_NAMESPACE: "RollupVault/test",
    IDP_SETTINGS: JSON.stringify({ ...ROLLUP_SETTINGS, ...idp }),
    AWS_REGION: "us-east-1",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    ...Object.fromEntries(tables.map((name) => [name, "one"])),
  });
  jest.resetModules();
  jest.doMock("../../../lambda/use-cases/sweep", () => ({ createSweep }));
  return jest.requireActual<typeof sweeping>("../../../lambda/handlers/sweep").handler;
}

const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);

test("a run knows when the function's time is over, and what it did is a line for each list", async () => {
  sweep.mockResolvedValue({
    erasing: { done: 2, failed: 0 },
    disconnecting: NOTHING,
    due: { done: 7, failed: 0 },
  });
  await load()({}, context);
  expect(sweep.mock.calls).toMatchObject([[{ by: "sweep", deadline: NOW + TIME_LEFT_MS }]]);
  expect(lines()).toMatchObject([
    { level: "info", event: "swept", route: "erasing", outcome: "done", count: 2 },
    { level: "info", event: "swept", route: "disconnecting", outcome: "done", count: 0 },
    { level: "info", event: "swept", route: "due", outcome: "done", count: 7 },
  ]);
});

test("a run in which something failed says what, and fails once everything is said, so that the alarm for errors sees it", async () => {
  sweep.mockResolvedValue({
    erasing: { done: 1, failed: 3 },
    disconnecting: NOTHING,
    due: NOTHING,
  });
  await expect(load()({}, context)).rejects.toThrow("not everything could be swept");
  expect(lines()).toHaveLength(4);
  expect(lines()[1]).toMatchObject({
    level: "error",
    event: "swept",
    route: "erasing",
    outcome: "failed",
    count: 3,
  });
});

describe("what is due is looked for, and handed on,", () => {
  test.each<[string, Partial<IdpSettings>, boolean]>([
    ["not with Rollup ID", {}, false],
    ["not where nothing rotates or lapses", { refreshTokenRotation: "none" }, false],
    ["where tokens rotate with grace", { refreshTokenRotation: "grace" }, true],
    ["where tokens rotate strictly", { refreshTokenRotation: "strict" }, true],
    [
      "where they lapse unused",
      { refreshTokenRotation: "none", refreshTokenIdleSeconds: 86_400 },
      true,
    ],
  ])("%s", (name, idp, hasDue) => {
    process.env["RECOVERY_QUEUE_URL"] = "https://queue.example/tasks";
    load({ ...(name.includes("Rollup") ? {} : { profile: "oidc" as const }), ...idp });
    const { lists, renewals } = createSweep.mock.calls[0]![0];
    expect([lists.due !== undefined, renewals !== undefined]).toEqual([hasDue, hasDue]);
  });

  test("and without a queue the function does not start, rather than find things due and leave them", () => {
    expect(() => load({ profile: "oidc" })).toThrow("RECOVERY_QUEUE_URL is missing");
  });
});
