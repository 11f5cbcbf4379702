/** Cold starts: from a fresh process to the first answer, over TLS. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cleanup, createCleanup } from "../../../local/cleanup";
import { type Bed, type BedOptions, type Candidate, type Deployed, openBed } from "../bed/bed";
import { report } from "../bed/child";
import { withCodeCache } from "../bed/code-cache";
import * as events from "../bed/events";
import { bundleBytes } from "../bed/peer-bundles";
import { ROTATING_IDP } from "../bed/provider";
import { seed, subOf } from "../bed/seed";
import type { Bench } from "../bench";
import { type Major, MAJORS, type Nodes } from "../nodes";
import { compared, type Measured, type Row } from "../results";

const ROUNDS = 11;
const SCRIPT = join(__dirname, "..", "bed", "cold.cjs");
const SUB = subOf(1);

/** Ours, where the stage names the Node that its functions run on (decision 0056). */
const CACHED = "code cache";

type Runner = Candidate | "empty" | typeof CACHED;

const ALONE: readonly Runner[] = ["ours", CACHED, "empty"];
const BESIDE_PEERS: readonly Runner[] = [...ALONE, "floor", "typical"];

interface First {
  readonly label: string;
  /** @param run another number for each run */
  readonly event: (bed: Bed, run: number) => object;
  /** @default all: also the peers, of which some functions have none */
  readonly runners?: readonly Runner[];
}

interface Scene {
  readonly idp?: BedOptions["idp"];
  readonly rotates?: true;
  /** Whose user is there when the function starts. */
  readonly seeded: readonly Candidate[];
  /** The first request of each function. */
  readonly first: Readonly<Record<string, First>>;
}

const SCENES: readonly Scene[] = [
  {
    seeded: ["ours", "floor", "typical"],
    first: {
      "PUT /me": { label: "Users", event: (bed) => events.putMe(bed.provider.idToken(SUB)) },
      "kept access token": {
        label: "AccessToken",
        event: (bed) => events.accessToken(bed.provider.idToken(SUB)),
      },
      exchange: {
        label: "AccessToken",
        event: (bed) => events.newAccessToken(bed.provider.idToken(SUB)),
      },
      "PUT /me/refresh-token": {
        label: "RefreshToken",
        event: ({ provider }) =>
          events.putRefreshToken(provider.idToken(SUB), provider.refreshToken(SUB)),
      },
      "POST /sessions": {
        label: "Sessions",
        // A user who signs in again and again would have more and more sessions.
        event: (bed, run) => events.openSession(bed.provider.idToken(subOf(1_000 + run))),
      },
      "GET /me/export": {
        label: "Account",
        event: (bed) => events.exportMe(bed.provider.idToken(SUB)),
      },
      "GET /health": {
        label: "Health",
        event: () => events.health(),
        runners: ["ours", "empty", "floor", "typical"],
      },
      sweep: { label: "Sweep", event: () => events.scheduled() },
    },
  },
  {
    idp: ROTATING_IDP,
    rotates: true,
    seeded: ["ours", "typical"],
    first: {
      "exchange, rotation": {
        label: "AccessToken",
        event: (bed) => events.newAccessToken(bed.provider.idToken(SUB)),
        runners: [...ALONE, "typical"],
      },
      recovery: { label: "Recovery", event: () => events.watchdog(SUB), runners: ALONE },
    },
  },
  {
    idp: { ...ROTATING_IDP, refreshTokenRotation: "none", clientAuthentication: "private_key_jwt" },
    seeded: [],
    first: {
      "GET /.well-known/jwks.json": {
        label: "Health",
        event: () => events.jwks(),
        runners: ALONE,
      },
    },
  },
];

interface Run {
  readonly node: Major;
  readonly name: string;
  readonly runner: Runner;
  readonly deployed: Deployed;
  readonly eventFile: (round: number) => string;
  /** By figure. */
  readonly rounds: { cpuMs: number[]; wallMs: number[]; importMs: number[] };
}

type ColdReport = Readonly<Record<keyof Run["rounds"], number>>;

export async function measureCold(bench: Bench) {
  const { nodes, progress, rounds = ROUNDS } = bench;
  const cleanup = createCleanup();
  try {
    const runs: Run[] = [];
    for (const scene of SCENES) {
      runs.push(...(await runsOf(bench, scene, cleanup)));
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const run of runs) {
        const { deployed, eventFile } = run;
        const args = [SCRIPT, deployed.folder, eventFile(round)];
        const { path } = nodes[run.node];
        const measured = await report<ColdReport>(path, args, deployed.environment);
        run.rounds.cpuMs.push(measured.cpuMs);
        run.rounds.wallMs.push(measured.wallMs);
        run.rounds.importMs.push(measured.importMs);
      }
      progress.step("cold", round + 1, rounds);
    }
    return { rounds, rows: rowsOf(runs) };
  } finally {
    await cleanup.run();
  }
}

async function runsOf(bench: Bench, scene: Scene, cleanup: Cleanup): Promise<readonly Run[]> {
  const { nodes, progress } = bench;
  const bed = cleanup.add(await openBed({ progress, ...(scene.idp && { idp: scene.idp }) }));
  bed.provider.behave({ rotates: scene.rotates === true, delayMs: 0 });
  for (const candidate of scene.seeded) {
    await seed({ bed, nodes, candidate, subs: [SUB] });
  }
  const runs: Run[] = [];
  for (const [name, first] of Object.entries(scene.first)) {
    for (const [place, node] of MAJORS.entries()) {
      for (const runner of first.runners ?? BESIDE_PEERS) {
        runs.push({
          node,
          name,
          runner,
          eventFile: (round) => bed.eventFile(first.event(bed, round * MAJORS.length + place)),
          deployed: await deployedOf(bed, { runner, label: first.label, node: nodes[node] }),
          rounds: { cpuMs: [], wallMs: [], importMs: [] },
        });
      }
    }
  }
  return runs;
}

interface Wanted {
  readonly runner: Runner;
  readonly label: string;
  readonly node: Nodes[Major];
}

async function deployedOf(bed: Bed, { runner, label, node }: Wanted): Promise<Deployed> {
  switch (runner) {
    case "empty":
      return emptyHandler(bed);
    case CACHED:
      return await withCodeCache(bed.deployed("ours", label), node, bed.folder);
    default:
      return bed.deployed(runner, label);
  }
}

/** What no function can be faster than. */
function emptyHandler(bed: Bed): Deployed {
  const { environment } = bed.deployed("ours", "Health");
  const folder = mkdtempSync(join(bed.folder, "empty-"));
  writeFileSync(
    join(folder, "index.js"),
    "exports.handler = async () => ({ statusCode: 200, headers: {}, body: '' });\n",
  );
  return { label: "empty", folder, environment };
}

function rowsOf(runs: readonly Run[]): readonly Row[] {
  const names = [...new Set(runs.map(({ name }) => name))];
  return MAJORS.flatMap((node) =>
    names.flatMap((name) => {
      const measured: readonly Measured[] = runs
        .filter((run) => run.node === node && run.name === name)
        .map(({ runner, rounds, deployed }) => ({
          candidate: runner,
          rounds,
          counts: { bundleBytes: bundleBytes(deployed.folder) },
        }));
      return compared({ name, node }, measured);
    }),
  );
}
