/**
 * The real handlers in this process, whose lines go into the local CloudWatch, and the alarms of
 * the synthesized template over it. Time is the test's.
 */
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type LocalAlarm, readAlarms } from "@rollup-vault/local-aws/cloudwatch/alarms";
import { createMetricStore } from "@rollup-vault/local-aws/cloudwatch/metric-store";
import type * as recovering from "../../../lambda/handlers/recovery";
import type * as sweeping from "../../../lambda/handlers/sweep";
import { assertStage } from "../../../lib/stage";
import { httpEvent } from "../../support/events";
import { createInProcessDynamoDb } from "../../support/in-process-dynamodb";
import { ALICE, NOW } from "../../support/tokens";
import { createTestClock, ROLLUP_SETTINGS } from "../../support/users-api";
import { loadWholeApi } from "../../support/whole-api";
import { resourcesOf, STAGE, synthesize } from "../synth";

const MINUTE_MS = 60_000;
/** What every alarm looks back at, and more. */
const LONGEST_MS = 7 * 3_600_000;

interface TemplateAlarms {
  readonly alarms: readonly LocalAlarm[];
  /** Short names of the rules that tell the topic of a change. */
  readonly rules: readonly string[];
}

/** A stage that has every alarm, and the name that the handlers of `loadWholeApi` are given. */
export function templateAlarms(): TemplateAlarms {
  const stage = assertStage({
    ...STAGE,
    name: "test",
    idp: { ...STAGE.idp, profile: "oidc", refreshTokenRotation: "strict" },
  });
  const { api } = synthesize(stage);
  const types = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
  const alarms = readAlarms(
    types.flatMap((type) =>
      resourcesOf(api, type).map(([logicalId, { Properties }]) => ({
        logicalId,
        type,
        properties: Properties,
      })),
    ),
  );
  const rules = resourcesOf(api, "AWS::Events::Rule")
    .filter(([, { Properties }]) => JSON.stringify(Properties["Targets"]).includes("Alarms"))
    .map(([logicalId]) => logicalId.replace(/^Monitoring|[0-9A-F]{8}$/g, ""));
  return { alarms, rules };
}

/** `KeptTokensBurnFast-Long` → `KeptTokensBurnFast` */
export function withoutWindow(name: string): string {
  return name.replace(/-?(?:Long|Short)$/, "");
}

/** `RollupVault-test-KeyDenied` → `KeyDenied` */
export function shortName({ name }: LocalAlarm): string {
  return name.replace("RollupVault-test-", "");
}

/** As the SDK throws them. */
export const refusal = () =>
  Object.assign(new Error("no"), {
    name: "AccessDeniedException",
    $fault: "client",
    $metadata: { httpStatusCode: 400 },
  });
export const outage = () =>
  Object.assign(new Error("down"), {
    name: "InternalServerError",
    $fault: "server",
    $metadata: { httpStatusCode: 500 },
  });

/** What fails; each is asked at every call. */
interface Faults {
  store?: (() => Error) | undefined;
  kms?: (() => Error) | undefined;
  /** Milliseconds that each call of the table takes. */
  storeTakesMs?: number | undefined;
  /** The table answers nothing at all. */
  isMute?: boolean;
  noSweep?: boolean;
}

export async function createWatchedWorld(alarms: readonly LocalAlarm[]) {
  const clock = createTestClock(NOW);
  const metrics = createMetricStore();
  jest.spyOn(process.stdout, "write").mockImplementation((line) => {
    metrics.addLine(String(line));
    return true;
  });
  let faults: Faults = {};
  const dynamodb = createInProcessDynamoDb();
  const documents = failing(dynamodb.documents, () => faults, clock);
  const tables = {
    users: await dynamodb.createTable("Users", "sub"),
    grants: await dynamodb.createTable("Grants", "sub"),
    sessions: await dynamodb.createTable("Sessions", "tokenHash", "sub"),
  };
  const api = loadWholeApi({ documents, tables, subject: () => ALICE });
  const kms = api.kms.client;
  const send = kms.send.bind(kms) as (command: never) => Promise<never>;
  kms.send = (async (command: never) => {
    const error = faults.kms?.();
    return error === undefined ? await send(command) : await Promise.reject(error);
  }) as typeof kms.send;
  const { handler: sweep } = jest.requireActual<typeof sweeping>("../../../lambda/handlers/sweep");

  async function call(route: string, bearer: string, body?: object) {
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
    const event = httpEvent(route, { headers, ...(body && { body: JSON.stringify(body) }) });
    const answer = await api.handle(event);
    return JSON.parse(answer.body ?? "null") as Record<string, unknown>;
  }

  /** An ID token of this very second. */
  function idToken(): string {
    const iat = Math.floor(clock.now() / 1000);
    return api.issuer.idToken({ claims: { iat, exp: iat + 3_600 } });
  }

  /** Beside `act` every minute; the sweep runs every five. Which alarms fired? */
  async function pass(minutes: number, act: (minute: number) => Promise<unknown>) {
    const fired = new Set<string>();
    for (let minute = 0; minute < minutes; minute += 1) {
      await act(minute);
      if (minute % 5 === 0 && faults.noSweep !== true) {
        await sweep({}, { getRemainingTimeInMillis: () => 59_000 }).catch(() => undefined);
      }
      clock.advance(MINUTE_MS);
      for (const alarm of alarms.filter((each) => each.isFiring(metrics, clock.now()))) {
        fired.add(shortName(alarm));
      }
    }
    return fired;
  }

  /** Hours pass in which nothing but the sweep happens. */
  async function rest(): Promise<void> {
    faults = {};
    metrics.forget(clock.now() + 1);
    clock.advance(LONGEST_MS);
    await pass(16, () => Promise.resolve());
  }

  /** The `recovery` function of a stage that has one, given a message of a later version. */
  async function recover(): Promise<void> {
    Object.assign(process.env, {
      IDP_SETTINGS: JSON.stringify({ ...ROLLUP_SETTINGS, profile: "oidc" }),
      RECOVERY_QUEUE_URL: "http://127.0.0.1/queue",
      ORDERED_RECOVERY_QUEUE_URL: "http://127.0.0.1/queue.fifo",
    });
    jest.resetModules();
    const { handler } = jest.requireActual<typeof recovering>("../../../lambda/handlers/recovery");
    const record = { messageId: "1", body: "{}", attributes: { ApproximateReceiveCount: "1" } };
    await handler({ Records: [record] }, { getRemainingTimeInMillis: () => 15_000 });
  }

  /** From now until the next rest. */
  function breakIt(next: Faults): void {
    faults = next;
  }

  return { recover, api, clock, metrics, breakIt, tables, documents, call, idToken, pass, rest };
}

/** The lists of the sweep are empty: dynalite has its indexes only in the integration tests. */
function failing(
  documents: DynamoDBDocumentClient,
  current: () => Faults,
  clock: ReturnType<typeof createTestClock>,
): DynamoDBDocumentClient {
  const send = documents.send.bind(documents) as (command: unknown) => Promise<unknown>;
  const isSweeps = (command: { readonly input: { readonly IndexName?: string } }) =>
    command.input.IndexName !== undefined && command.input.IndexName !== "bySub";
  return Object.assign(Object.create(documents) as DynamoDBDocumentClient, {
    send: async (command: { readonly input: { readonly IndexName?: string } }) => {
      const faults = current();
      clock.advance(faults.storeTakesMs ?? 0);
      const error = faults.store?.();
      if (error !== undefined) {
        throw error;
      }
      if (faults.isMute === true) {
        return undefined;
      }
      return isSweeps(command) ? { Items: [] } : await send(command);
    },
  });
}
