/**
 * Plays hours of a day: people with the real client, functions with the real pacing, quotas as
 * token buckets, in virtual time. The same scenario gives the same result.
 */
import { newGrantId } from "../../../lambda/grant/grant-id";
import { createDueAt } from "../../../lambda/grant/phase";
import { replaceGrant } from "../../../lambda/grant/transitions";
import type { EpochMs } from "../../../lambda/model";
import { functionTimeouts } from "../../../lib/function-timeouts";
import { type RouteKey, throttleOf } from "../../../lib/route-throttles";
import { BILLED_MS } from "../cost/bill";
import { readCounts, readPrices } from "../cost/counts";
import { limitOf, type QuotaName } from "../cost/quotas";
import { createBucket, type Rate } from "./bucket";
import { planOf } from "./calendar";
import { HOUR_MS } from "./demand";
import {
  createAccessTokenInstance,
  createRecoveryInstance,
  createSignIn,
  type FunctionsOptions,
} from "./functions";
import { createGateway } from "./gateway";
import { createInstances } from "./instances";
import { createMeter, type Minute } from "./meter";
import { type Agent, createPeople, loadClient } from "./people";
import { createProvider } from "./provider";
import { streamOf } from "./random";
import { createRecoveryQueues, type RecoveryQueues, slotsOf } from "./recovery";
import { type Scenario, weightOf } from "./scenario";
import { createServices } from "./services";
import { createVirtualClock, type VirtualClock } from "./virtual-clock";
import { withVirtualGlobals } from "./virtual-globals";

export interface Simulated {
  readonly minutes: readonly Minute[];
  /** Of the recovery queues, in people, at the end of each minute. */
  readonly backlog: readonly number[];
}

const MIDNIGHT: EpochMs = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
/** Streams of random numbers; those of agents are numbered from 0. */
const JITTER = 0x7fff_fff1;
const NETWORK = 0x7fff_fff2;

/** @param progress called each hour of the day that is played */
export async function simulate(
  scenario: Scenario,
  progress: (hours: number) => void = () => undefined,
): Promise<Simulated> {
  const clock = createVirtualClock(MIDNIGHT + scenario.from * HOUR_MS);
  const client = await loadClient();
  return await withVirtualGlobals(clock, () => play(scenario, { clock, client, progress }));
}

interface Stage {
  readonly clock: VirtualClock;
  readonly client: Awaited<ReturnType<typeof loadClient>>;
  readonly progress: (hours: number) => void;
}

async function play(scenario: Scenario, { clock, client, progress }: Stage): Promise<Simulated> {
  const world = createWorld(scenario, clock);
  const people = createPeople({ client, clock, gateway: world.gateway, meter: world.meter });
  for (let index = 0; index < scenario.agents; index += 1) {
    const agent = world.settle(index);
    for (const { at, kind } of planOf(scenario, index, MIDNIGHT)) {
      clock.at(at, () => {
        if (kind === "load" || world.isDown()) {
          people.load(agent);
        } else {
          void people.signIn(agent).then(() => {
            people.load(agent);
          });
        }
      });
    }
  }
  const begin = clock.now();
  const backlog: number[] = [];
  for (let minute = 1; minute <= scenario.hours * 60; minute += 1) {
    await clock.run(begin + minute * MINUTE_MS - 1);
    backlog.push(world.backlog());
    if (minute % 60 === 0) {
      progress(minute / 60);
    }
  }
  return { minutes: world.meter.minutes, backlog };
}

/** All that is behind the client. */
function createWorld(scenario: Scenario, clock: VirtualClock) {
  const weight = weightOf(scenario);
  const counts = readCounts();
  const meter = createMeter(clock, weight, readPrices().items);
  const jitter = streamOf(scenario.seed, JITTER);
  let serial = 0;
  const random = { id: () => `i${String((serial += 1))}`, fraction: jitter };
  const { rotation } = scenario.provider;
  const dueAt = createDueAt({ refreshToken: { rotation } });
  const bucket = (rate: Rate) =>
    createBucket({ perSecond: rate.perSecond / weight, burst: rate.burst / weight }, clock);
  const quota = (name: QuotaName) => {
    const { perSecond = Infinity, burst = perSecond } = scenario.quotas[name];
    return bucket({ perSecond, burst });
  };
  const services = createServices({
    buckets: {
      kms: quota("kms"),
      tableWrites: quota("tableWrites"),
      tableReads: quota("tableReads"),
      secrets: quota("secrets"),
      indexPartitions: Array.from({ length: scenario.indexPartitions }, () =>
        quota("partitionWrites"),
      ),
    },
    random: streamOf(scenario.seed, NETWORK),
    meter,
    timer: clock,
    counts,
    dueAt,
  });
  const isDown = () => isWithin(scenario, clock.now());
  const { perSecond } = scenario.provider;
  const tokenEndpoint = createProvider({
    scenario,
    clock,
    meter,
    isDown,
    bucket: bucket({ perSecond, burst: perSecond }),
    latencyMs: BILLED_MS.refresh - BILLED_MS.kept,
  });
  const timeouts = functionTimeouts({
    tokenEndpointTimeoutMs: scenario.stage.tokenEndpointTimeoutMs,
  });
  let recovering: ReturnType<typeof createRecoveryInstance> | undefined;
  const queues: RecoveryQueues | undefined =
    rotation === "none"
      ? undefined
      : createRecoveryQueues({
          clock,
          slots: slotsOf(scenario, weight),
          timeoutMs: timeouts.recovery.toMilliseconds(),
          recover: () => (recovering ??= createRecoveryInstance(functions)),
        });
  const functions: FunctionsOptions = {
    scenario,
    clock,
    random,
    services,
    tokenEndpoint,
    dueAt,
    recovery: queues,
  };
  const account = { executions: 0 };
  const { reservedConcurrency } = scenario.stage;
  const limits = {
    account: limitOf(scenario.quotas.lambdaConcurrency) / weight,
    reserved: reservedConcurrency === undefined ? undefined : reservedConcurrency / weight,
  };
  const route = (key: RouteKey) => bucket(toRate(throttleOf(key, scenario.stage.throttle)));
  const gateway = createGateway({
    clock,
    meter,
    services,
    counts,
    account,
    throttles: {
      account: quota("httpApi"),
      stage: bucket(toRate(scenario.stage.throttle)),
      routes: { access_token: route("POST /me/access-token"), sign_in: route("POST /sessions") },
    },
    accessToken: createInstances({
      create: () => createAccessTokenInstance(functions),
      scaling: quota("lambdaScaling"),
      clock,
      account,
      limits,
    }),
    sessions: createInstances({
      create: () => undefined,
      scaling: quota("lambdaScaling"),
      clock,
      account,
      limits: { account: limits.account, reserved: undefined },
    }),
    signIn: createSignIn(functions),
    timeoutMs: (rotation === "none"
      ? timeouts.exchange
      : timeouts.rotatingExchange
    ).toMilliseconds(),
  });

  /** One person who signed in before, with a session in the tab and a grant in the table. */
  function settle(index: number): Agent {
    const sub = `urn:agent:${String(index)}`;
    const at = clock.now();
    const grantId = newGrantId(random, at);
    const refreshToken = { ciphertext: Buffer.from("r"), gen: 1 };
    services.put({
      ...replaceGrant(undefined, { sub, grantId, refreshToken }, { at, by: "sign-in" }),
      revision: 1,
    });
    const stored = JSON.stringify({ sub, id: sub, token: `rvs_${sub}`, at });
    return { sub, random: streamOf(~scenario.seed, index), stored, isAsking: false };
  }

  return { meter, gateway, settle, isDown, backlog: () => (queues?.backlog() ?? 0) * weight };
}

function toRate({ rate, burst }: { readonly rate: number; readonly burst: number }): Rate {
  return { perSecond: rate, burst };
}

function isWithin({ outage }: Scenario, now: EpochMs): boolean {
  const hour = (now - MIDNIGHT) / HOUR_MS;
  return outage !== undefined && hour >= outage.from && hour < outage.until;
}
