/**
 * The alarms about what AWS counts by itself fire in the whole local run, each by what really
 * happens there: processes end, requests are turned away, a queue is not read, a message fails.
 * An hour of ordinary traffic before it fires none of all alarms. Minutes pass when the test says
 * so, for queues and alarms alike.
 */
import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { Alarm, OperationsDocument } from "@rollup-vault/console/operations/document";
import { alarmsSeenBy } from "../lib/monitoring/causes";
import { IDLE_SECONDS } from "./rotating-world";
import { startWorld, type World } from "./world";

jest.setTimeout(240_000);

const MINUTE_MS = 60_000;
/** What is processed at once has left the queue by then. */
const SOON_MS = 10_000;
let world: World;
let sqs: SQSClient;
let ahead = 0;
let session: string;
/** Events that the function has taken from its queues. */
let recoveries = 0;

beforeAll(async () => {
  world = await startWorld({
    page: { port: 0, orAnyOther: false },
    limits: { exchangeIntervalSeconds: 0 },
    idp: {
      profile: "oidc",
      refreshTokenFormat: "jwt",
      clientAuthentication: "client_secret_post",
      refreshTokenRotation: "strict",
      refreshTokenIdleSeconds: IDLE_SECONDS,
    },
    now: () => Date.now() + ahead,
    onInvoked: ({ functionId }) => {
      recoveries += Number(functionId.includes("Recovery"));
    },
  });
  await world.programme({ rotation: "strict", refusals: "oauth" });
  const { endpoints, region, credentials } = world.stack.outputs;
  sqs = new SQSClient({ endpoint: endpoints.sqs!, region, credentials });
  const { idToken, refreshToken } = await world.signIn("Watched");
  const json = { refresh_token: refreshToken };
  const { body } = await world.call({ method: "POST", path: "/sessions", bearer: idToken, json });
  session = String(body.session.token);
});

afterAll(async () => {
  sqs.destroy();
  await world.close();
});

/** A kept access token or, with a longer validity, an exchange. */
async function ask(minValidity = 60): Promise<number> {
  const json = { min_validity: minValidity };
  const path = "/me/access-token";
  return (await world.call({ method: "POST", path, bearer: session, json })).status;
}

async function alarms(): Promise<readonly Alarm[]> {
  const answer = await fetch(`${world.stack.outputs.pageUrl}/local/operations`);
  const { widgets } = (await answer.json()) as OperationsDocument;
  return widgets.flatMap((widget) => (widget.kind === "alarms" ? widget.alarms : []));
}

async function firing(): Promise<readonly string[]> {
  return (await alarms())
    .filter(({ state }) => state === "ALARM")
    .map(({ name }) => name.replace("RollupVault-local-", ""));
}

async function tell(changes: object): Promise<void> {
  const { pageUrl } = world.stack.outputs;
  const headers = { origin: pageUrl, "content-type": "application/json" };
  const body = JSON.stringify(changes);
  const { status } = await fetch(`${pageUrl}/local/neighbours`, { method: "POST", headers, body });
  expect(status).toBe(200);
}

/**
 * Minutes in each of which `act` is done; the sweeper runs every five.
 * @returns what fired meanwhile
 */
async function pass(minutes: number, act: () => Promise<unknown>): Promise<readonly string[]> {
  const fired = new Set<string>();
  for (let minute = 0; minute < minutes; minute += 1) {
    await act();
    if (minute % 5 === 0) {
      await world.stack.runSchedule("Sweep").catch(() => undefined);
    }
    (await firing()).forEach((name) => fired.add(name));
    ahead += MINUTE_MS;
  }
  (await firing()).forEach((name) => fired.add(name));
  return [...fired];
}

/** A message that no version understands. */
async function sendUnknown(): Promise<void> {
  const QueueUrl = world.stack.outputs.recoveryQueueUrl;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"v":99}' }));
}

/** Instead of a thousand. */
async function allowReceives(maxReceiveCount: number): Promise<void> {
  const QueueUrl = world.stack.outputs.recoveryQueueUrl;
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["RedrivePolicy"] });
  const { Attributes } = await sqs.send(asked);
  const policy = JSON.parse(Attributes?.RedrivePolicy ?? "") as object;
  const RedrivePolicy = JSON.stringify({ ...policy, maxReceiveCount });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + SOON_MS;
  while (!(await isSo()) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("in a quiet hour no alarm fires, those about AWS's own metrics included", async () => {
  const names = (await alarms()).map(({ name }) => name.replace("RollupVault-local-", ""));
  expect(names).toEqual(expect.arrayContaining(alarmsSeenBy("aws")));
  const statuses: number[] = [];
  const fired = await pass(60, async () => {
    statuses.push(await ask(), await ask(statuses.length % 5 === 0 ? 86_400 : 60));
    // What callers do wrong is no alarm.
    await world.call({ method: "GET", path: "/me", bearer: "no token" });
  });
  expect(statuses).toEqual(Array.from({ length: 120 }, () => 200));
  expect(fired).toEqual([]);
});

/** Alarm → what lets it fire here. */
const BREAKS: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  FunctionErrors: async () => {
    await tell({ functions: "killed" });
    return await pass(11, async () => {
      expect(await ask()).toBe(500);
    });
  },
  Throttled: async () => {
    world.stack.functions.trouble({ concurrency: 1 });
    return await pass(4, async () => {
      expect(await Promise.all([ask(), ask(), ask(), ask()])).toContain(503);
    });
  },
  RecoveryLate: async () => {
    await tell({ recovery: "off" });
    await sendUnknown();
    return await pass(26, async () => await ask());
  },
  DeadLetters: async () => {
    await allowReceives(3);
    await sendUnknown();
    return await pass(6, async () => {
      // Its visibility timeout is over by the next minute: it is received again.
      const before = recoveries;
      await until(async () => recoveries > before || (await firing()).includes("DeadLetters"));
    });
  },
};

test("each alarm about AWS's own metrics is broken below", () => {
  expect(Object.keys(BREAKS).sort()).toEqual(alarmsSeenBy("aws"));
});

test.each(Object.entries(BREAKS))("%s fires by its cause", async (name, breakIt) => {
  expect(await firing()).not.toContain(name);
  expect(await breakIt()).toContain(name);
  await tell({ functions: null, recovery: null });
});
