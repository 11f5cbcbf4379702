/** Cold starts: from a fresh process to the first answer, over TLS. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bed, type Candidate, type Deployed, openBed } from "../bed/bed";
import { report } from "../bed/child";
import * as events from "../bed/events";
import { bundleBytes } from "../bed/peer-bundles";
import { seed, subOf } from "../bed/seed";
import type { Bench } from "../bench";
import { type Major, MAJORS } from "../nodes";
import { compared, type Measured, type Row } from "../results";

const ROUNDS = 11;
const SCRIPT = join(__dirname, "..", "bed", "cold.cjs");
const SUB = subOf(1);

interface First {
  readonly label: string;
  /** @param run another number for each run */
  readonly event: (bed: Bed, run: number) => object;
}

/** The first request of each function. */
const FIRST: Readonly<Record<string, First>> = {
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
  "GET /health": { label: "Health", event: () => events.health() },
  sweep: { label: "Sweep", event: () => events.scheduled() },
};

type Runner = Candidate | "empty";

const RUNNERS: readonly Runner[] = ["ours", "empty", "floor", "typical"];

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
  const bed = await openBed(bench);
  try {
    for (const candidate of ["ours", "floor", "typical"] as const) {
      await seed({ bed, nodes, candidate, subs: [SUB] });
    }
    const runs = runsOf(bed);
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
    await bed.close();
  }
}

function runsOf(bed: Bed): readonly Run[] {
  const empty = emptyHandler(bed);
  return Object.entries(FIRST).flatMap(([name, { label, event }]) => {
    return MAJORS.flatMap((node, place) =>
      RUNNERS.map((runner) => ({
        node,
        name,
        runner,
        eventFile: (round) => bed.eventFile(event(bed, round * MAJORS.length + place)),
        deployed: runner === "empty" ? empty : bed.deployed(runner, label),
        rounds: { cpuMs: [], wallMs: [], importMs: [] },
      })),
    );
  });
}

/** What no function can be faster than. */
function emptyHandler(bed: Bed): Deployed {
  const { environment } = bed.deployed("ours", "Health");
  const folder = join(bed.eventFile({}), "..", "empty");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "index.js"),
    "exports.handler = async () => ({ statusCode: 200, headers: {}, body: '' });\n",
  );
  return { label: "empty", folder, environment };
}

function rowsOf(runs: readonly Run[]): readonly Row[] {
  return MAJORS.flatMap((node) =>
    Object.keys(FIRST).flatMap((name) => {
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
