// What Stryker mutates, and with which tests; `test/verification/mutation/main.ts` names the room
// and the lines.
import { readFileSync } from "node:fs";

const room = process.env.MUTATED_ROOM;
const rooms = JSON.parse(readFileSync(new URL("rooms.json", import.meta.url), "utf8"));
const folder = `.local/mutation/${room}`;

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: process.env.MUTATED?.split(",") ?? rooms[room].mutate,
  buildCommand: "node test/verification/mutation/bundle.mjs",
  testRunner: "jest",
  jest: {
    projectType: "custom",
    configFile: "test/verification/mutation/jest.config.cjs",
    enableFindRelatedTests: false,
  },
  coverageAnalysis: "perTest",
  concurrency: 2,
  // What a runner has loaded stays in its memory: after hundreds of mutants it is slow.
  maxTestRunnerReuse: 40,
  // A busy machine must not make a mutant look like an endless loop; real ones are found by
  // counting.
  timeoutMS: 60_000,
  dryRunTimeoutMinutes: 20,
  incrementalFile: `${folder}/incremental.json`,
  jsonReporter: { fileName: `${folder}/report.json` },
  reporters: ["progress-append-only", "json"],
  tempDirName: `${folder}/sandbox`,
  cleanTempDir: "always",
  ignorePatterns: ["/.local", "/cdk.out", "/packages/client/dist", "/docs/images", "/examples"],
  warnings: { slow: false },
};
