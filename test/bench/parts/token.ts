/**
 * Many callers at once: token requests, answers and lost grants, beside the straight way that the
 * documentation advises. Exact, so there are no rounds.
 */
import { type Bed, type Candidate, openBed } from "../bed/bed";
import * as events from "../bed/events";
import { type Instance, type Ran, startInstance } from "../bed/instance";
import { ROTATING_IDP } from "../bed/provider";
import { connect, subOf } from "../bed/seed";
import type { Bench } from "../bench";
import type { Row } from "../results";
import { quantile } from "../statistics";

const CANDIDATES: readonly Candidate[] = ["ours", "typical"];
const NODE = "24";
/** Instances, and calls at once in each: 40 executions of the function. */
const INSTANCES = 8;
const AT_ONCE = 5;
const PROVIDER_MS = 200;
/** Of a busy machine: a call of AWS that takes too long is answered with 503. */
const RETRIES = 10;
/** After all callers, so many users ask once more: that shows which grants are lost. */
const ASKED = 100;

/** Of one provider. */
interface Scene {
  readonly rotates: boolean;
  readonly callers: number;
}

const SCENES: readonly Scene[] = [
  { rotates: false, callers: 1_000 },
  { rotates: true, callers: 200 },
];

function nameOf({ rotates, callers }: Scene, users: number): string {
  const many = callers.toLocaleString("en-US");
  const name = users === 1 ? `${many} callers, one user` : `${many} users at once`;
  return rotates ? `${name}, rotation` : name;
}

export async function measureToken(bench: Bench) {
  const rows: Row[] = [];
  for (const scene of SCENES) {
    const bed = await openBed({
      progress: bench.progress,
      // A caller who waits is answered, too: nothing here is to be turned away.
      limits: { waitingCallers: INSTANCES * AT_ONCE },
      ...(scene.rotates && { idp: ROTATING_IDP }),
    });
    try {
      for (const users of [1, scene.callers]) {
        for (const candidate of CANDIDATES) {
          rows.push(await play(bench, bed, { scene, users, candidate }));
          bench.progress.step("token", rows.length, 4 * CANDIDATES.length);
        }
      }
    } finally {
      await bed.close();
    }
  }
  return { rounds: 0, rows };
}

interface Play {
  readonly scene: Scene;
  readonly users: number;
  readonly candidate: Candidate;
}

async function play(bench: Bench, bed: Bed, { scene, users, candidate }: Play): Promise<Row> {
  const { provider } = bed;
  const first = users === 1 ? 100_000 : 1;
  const subs = Array.from({ length: users }, (_, at) => subOf(first + at));
  await connect({ bed, nodes: bench.nodes, candidate, subs });
  provider.behave({ rotates: scene.rotates, delayMs: PROVIDER_MS });
  provider.take();
  const idTokens = subs.map((sub) => provider.idToken(sub));
  const deployed = bed.deployed(candidate, "AccessToken");
  const instances = Array.from({ length: INSTANCES }, () =>
    startInstance(bench.nodes[NODE].path, deployed),
  );
  try {
    const all = Array.from({ length: scene.callers }, (_, at) =>
      events.accessToken(idTokens[at % users] ?? ""),
    );
    const ran = await Promise.all(
      instances.map(async (instance, at) => {
        const own = all.filter((_, index) => index % INSTANCES === at);
        const batch = { events: own, atOnce: AT_ONCE, wantsBodies: true, retries: RETRIES };
        return await instance.run(batch);
      }),
    );
    const { exchanged, refused } = provider.take();
    const lost = await countLost(instances[0], idTokens.slice(0, ASKED));
    return {
      name: nameOf(scene, users),
      candidate,
      figures: {},
      counts: {
        ...answersOf(ran, scene),
        exchanges: exchanged,
        refusedByProvider: refused,
        asked: Math.min(users, ASKED),
        lostGrants: lost,
      },
    };
  } finally {
    provider.behave({ rotates: false, delayMs: 0 });
    for (const instance of instances) {
      await instance.close();
    }
  }
}

function answersOf(all: readonly Ran[], { callers }: Scene): Readonly<Record<string, number>> {
  const answered = all.reduce((sum, { statuses }) => sum + (statuses["200"] ?? 0), 0);
  const tokens = all.flatMap(({ bodies }) => bodies.map(tokenIn)).filter((token) => token !== "");
  const walls = all.flatMap((ran) => ran.walls);
  return {
    callers,
    answered,
    retried: all.reduce((sum, ran) => sum + ran.retried, 0),
    tokens: new Set(tokens).size,
    p99Ms: Math.round(quantile(walls, 0.99)),
    cpuUsPerCall: Math.round(all.reduce((sum, { cpuUs }) => sum + cpuUs, 0) / callers),
  };
}

function tokenIn(body: string): string {
  const { access_token: token = "" } = JSON.parse(body) as { readonly access_token?: string };
  return token;
}

/** Who cannot get another token now has lost the grant. */
async function countLost(
  instance: Instance | undefined,
  idTokens: readonly string[],
): Promise<number> {
  const again = idTokens.map((idToken) => events.newAccessToken(idToken));
  const ran = await instance?.run({ events: again, retries: RETRIES });
  return idTokens.length - (ran?.statuses["200"] ?? 0);
}
