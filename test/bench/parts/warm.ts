/** Warm instances: CPU of a request, and how long it takes, with one request at a time. */
import { type Bed, type Candidate, openBed } from "../bed/bed";
import * as events from "../bed/events";
import { assertAll, type Instance, startInstance } from "../bed/instance";
import { seed, subOf } from "../bed/seed";
import type { Bench } from "../bench";
import { compared, type Row } from "../results";
import { quantile } from "../statistics";

const ROUNDS = 21;
const NODE = "24";
const CANDIDATES: readonly Candidate[] = ["ours", "floor", "typical"];
/** More than an instance keeps opened (lambda/kms/opened-tokens.ts). */
const MANY = 64;
const subsOf = (users: number) => Array.from({ length: users }, (_, at) => subOf(at + 1));
/** The first ones, whose grants have been exchanged for long. */
const OLD = 8;

interface Route {
  readonly label: string;
  /** Of one round. */
  readonly requests: number;
  /** Of so many users in turn. */
  readonly users: number;
  readonly event: (idToken: string) => object;
}

const ROUTES: Readonly<Record<string, Route>> = {
  "PUT /me": { label: "Users", requests: 100, users: MANY, event: events.putMe },
  "GET /me": { label: "Users", requests: 100, users: MANY, event: events.getMe },
  "kept, one user": { label: "AccessToken", requests: 100, users: 1, event: events.accessToken },
  "kept, many users": {
    label: "AccessToken",
    requests: 2 * MANY,
    users: MANY,
    event: events.accessToken,
  },
  exchange: { label: "AccessToken", requests: 24, users: OLD, event: events.newAccessToken },
  // A user who signs in again and again would have more and more sessions.
  "POST /sessions": { label: "Sessions", requests: 50, users: 2_000, event: events.openSession },
};

/** Requests before the first round: by then the compiler has done most of its work. */
const WARM_UP = 800;

export async function measureWarm(bench: Bench) {
  const { nodes, progress, rounds = ROUNDS } = bench;
  const bed = await openBed({ progress });
  try {
    for (const candidate of CANDIDATES) {
      await seed({ bed, nodes, candidate, subs: subsOf(OLD) });
      await seed({ bed, nodes, candidate, subs: subsOf(MANY).slice(OLD) }, 1);
    }
    const rows: Row[] = [];
    for (const [at, [name, route]] of Object.entries(ROUTES).entries()) {
      const lanes = CANDIDATES.map((candidate) => ({
        candidate,
        instance: startInstance(nodes[NODE].path, bed.deployed(candidate, route.label)),
      }));
      try {
        rows.push(...(await measureRoute(name, { route, bed, lanes, rounds })));
      } finally {
        for (const { instance } of lanes) {
          await instance.close();
        }
      }
      progress.step("warm", at + 1, Object.keys(ROUTES).length);
    }
    return { rounds, rows };
  } finally {
    await bed.close();
  }
}

interface Lanes {
  readonly route: Route;
  readonly bed: Bed;
  readonly lanes: readonly { readonly candidate: Candidate; readonly instance: Instance }[];
  readonly rounds: number;
}

async function measureRoute(name: string, { route, bed, lanes, rounds }: Lanes) {
  const idTokens = subsOf(route.users).map((sub) => bed.provider.idToken(sub));
  const warmUp = name === "exchange" ? WARM_UP / 4 : WARM_UP;
  /** Users in turn, going on where the batch before has ended. */
  const batch = (requests: number, from: number) => ({
    events: Array.from({ length: requests }, (_, at) =>
      route.event(idTokens[(from + at) % idTokens.length] ?? ""),
    ),
  });
  const measured = lanes.map(({ candidate }) => ({
    candidate,
    rounds: { cpuUs: [] as number[], p50Ms: [] as number[], p99Ms: [] as number[] },
  }));
  for (const { instance } of lanes) {
    assertAll(await instance.run(batch(warmUp, 0)), 200, 201);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, { instance }] of lanes.entries()) {
      const from = warmUp + round * route.requests;
      const ran = await instance.run(batch(route.requests, from));
      assertAll(ran, 200, 201);
      measured[at]?.rounds.cpuUs.push(ran.cpuUs / route.requests);
      measured[at]?.rounds.p50Ms.push(quantile(ran.walls, 0.5));
      measured[at]?.rounds.p99Ms.push(quantile(ran.walls, 0.99));
    }
  }
  return compared({ name, node: NODE }, measured);
}
