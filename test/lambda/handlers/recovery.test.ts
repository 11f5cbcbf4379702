/**
 * What Lambda hands the consumer, and what it makes of the answer; what is done for a grant is
 * recover-*.test.ts.
 */
import type * as recovery from "../../../lambda/handlers/recovery";
import type { RecoveryTask } from "../../../lambda/ports/queues";
import { writeMessage } from "../../../lambda/queue/message";
import type { Recovered, RecoverRequest } from "../../../lambda/refresh/recover";
import { SUB } from "../../support/exchange-world";
import { NOW } from "../../support/tokens";
import { createTestClock, ROLLUP_SETTINGS } from "../../support/users-api";

const TIME_LEFT_MS = 19_000;
const TABLES = ["REFRESH_TOKENS_TABLE", "GRANT_KEY_ARN", "CLIENT_SECRET_ARN"];
const SPILL: RecoveryTask = {
  kind: "spill",
  sub: SUB,
  grantId: "grant",
  owner: "owner",
  refreshToken: { ciphertext: new TextEncoder().encode("sealed-successor"), gen: 2 },
};

const recover = jest.fn<Promise<Recovered>, [RecoverRequest]>();
let handler: typeof recovery.handler;
let written: string[];

beforeEach(() => {
  createTestClock();
  written = [];
  jest.spyOn(process.stdout, "write").mockImplementation((line) => {
    written.push(String(line));
    return true;
  });
  Object.assign(process.env, {
    METRICS_NAMESPACE: "RollupVault/test",
    IDP_SETTINGS: JSON.stringify({ ...ROLLUP_SETTINGS, profile: "oidc" }),
    RECOVERY_QUEUE_URL: "https://queue.example/tasks",
    ORDERED_RECOVERY_QUEUE_URL: "https://queue.example/tasks.fifo",
    AWS_REGION: "us-east-1",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    ...Object.fromEntries(TABLES.map((name) => [name, "one"])),
  });
  jest.resetModules();
  jest.doMock("../../../lambda/refresh/recover", () => ({ createRecover: () => recover }));
  ({ handler } = jest.requireActual<typeof recovery>("../../../lambda/handlers/recovery"));
  recover.mockReset().mockResolvedValue("done");
});

const renew = (sub: string): RecoveryTask => ({ kind: "renew", sub });

/** @param receiveCount of each. @param groups of a FIFO queue */
async function receive(
  bodies: readonly string[],
  receiveCount = 1,
  groups: readonly string[] = [],
) {
  const Records = bodies.map((body, at) => ({
    messageId: `message-${String(at)}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      ...(groups[at] !== undefined && { MessageGroupId: groups[at] }),
    },
  }));
  const context = { getRemainingTimeInMillis: () => TIME_LEFT_MS };
  const { batchItemFailures } = await handler({ Records }, context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

/** What makes them metrics is not of interest here (metrics.test.ts). */
const lines = () =>
  written.map((line) => {
    const said = Object.entries(JSON.parse(line) as Record<string, unknown>);
    return Object.fromEntries(said.filter(([name]) => name !== "_aws" && name !== "events"));
  });

test("of a batch exactly those come again that are not done, whatever became of the others", async () => {
  const outcomes: Readonly<Record<string, () => Promise<Recovered>>> = {
    done: () => Promise.resolve("done"),
    again: () => Promise.resolve("again"),
    bug: () => Promise.reject(new TypeError("undefined is not a function")),
  };
  recover.mockImplementation(async ({ task }) => await outcomes[task.sub]!());
  const batch = ["again", "done", "bug", "done"].map((sub) => writeMessage(renew(sub)));
  expect(await receive([...batch, "{"])).toEqual(["message-0", "message-2", "message-4"]);
});

test("a batch that is all done has no failures", async () => {
  expect(await receive([writeMessage(renew("a")), writeMessage(renew("b"))])).toEqual([]);
});

test("the tasks of a batch are worked at side by side: none waits for another's lease", async () => {
  let letGo: () => void = () => undefined;
  const second = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  recover.mockImplementation(async ({ task }) => {
    if (task.sub === "second") {
      letGo();
    }
    await second;
    return "done";
  });
  expect(await receive(["first", "second"].map((sub) => writeMessage(renew(sub))))).toEqual([]);
});

test("those of one grant are worked at one by one, and behind one that is not done all of them come again", async () => {
  const seen: string[] = [];
  let atWork = 0;
  recover.mockImplementation(async ({ task: { sub } }) => {
    atWork += 1;
    seen.push(`${sub} of ${String(atWork)}`);
    await Promise.resolve();
    atWork -= 1;
    return sub === "fails" ? "again" : "done";
  });
  const subs = ["first", "fails", "behind", "other"];
  const bodies = subs.map((sub) => writeMessage(renew(sub)));
  expect(await receive(bodies, 1, ["g", "g", "g", "h"])).toEqual(["message-1", "message-2"]);
  expect(seen).toEqual(["first of 1", "other of 2", "fails of 1"]);
});

test("a task is handed on as it was sent, with how often it came and when the function's time is over", async () => {
  await receive([writeMessage(SPILL)], 7);
  expect(recover.mock.calls).toEqual([
    [
      {
        task: SPILL,
        receiveCount: 7,
        deadline: NOW + TIME_LEFT_MS,
        log: expect.objectContaining({ warn: expect.any(Function) as unknown }) as unknown,
      },
    ],
  ]);
});

test("one line says what became of a task: its kind and outcome, and not whose it is", async () => {
  recover.mockResolvedValue("again");
  await receive([writeMessage(SPILL)]);
  expect(lines()).toEqual([
    {
      at: new Date(NOW).toISOString(),
      level: "info",
      event: "recovery",
      route: "spill",
      outcome: "again",
      durationMs: 0,
    },
  ]);
});

test.each([1, 999])(
  "a message of no known kind fails however often it comes (%s): it stays for a later version, or for the operator",
  async (receiveCount) => {
    const unknown = JSON.stringify({ v: 2, kind: "renew", sub: SUB });
    expect(await receive([unknown, writeMessage(renew("a"))], receiveCount)).toEqual(["message-0"]);
    expect(recover).toHaveBeenCalledTimes(1);
    expect(lines()[0]).toEqual({
      at: new Date(NOW).toISOString(),
      level: "error",
      event: "recovery",
      reason: "unknown_message",
    });
    expect(written.join()).not.toContain(SUB);
  },
);

test("S36: what nobody expected is logged as a bug by its name alone, and fails that task", async () => {
  const body = writeMessage(SPILL);
  recover.mockRejectedValue(new TypeError(`cannot read properties of ${body}`));
  expect(await receive([body])).toEqual(["message-0"]);
  expect(lines()).toEqual([
    {
      at: new Date(NOW).toISOString(),
      level: "error",
      event: "recovery",
      reason: "bug",
      cause: "TypeError",
    },
  ]);
});

test("S36: something thrown that is no error has no name", async () => {
  recover.mockRejectedValue(writeMessage(SPILL));
  expect(await receive([writeMessage(SPILL)])).toEqual(["message-0"]);
  expect(lines()).toMatchObject([{ level: "error", reason: "bug", cause: "" }]);
});
