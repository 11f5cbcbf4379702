/** A whole integration run fails where a documented response was produced by no test of it. */
import { execFileSync } from "node:child_process";
import { promisesOf, readContract } from "../src/check/document";

jest.setTimeout(60_000);

const REPORTER = require.resolve("../src/check/reporter.cjs");
const PROMISES = promisesOf(readContract());
const { integrationTests } = jest.requireActual<{ integrationTests: () => string[] }>(REPORTER);
const FILES = integrationTests();

/** A run as jest tells the reporter of it. */
const RUN = `
  const { appendFileSync } = require("node:fs");
  const Reporter = require(${JSON.stringify(REPORTER)});
  const { seen, files, testNamePattern } = JSON.parse(process.argv[1]);
  const reporter = new Reporter({ testNamePattern });
  appendFileSync(process.env.CONTRACT_SEEN + "/1", seen.join("\\n") + "\\n");
  reporter.onRunComplete([], { testResults: files.map((testFilePath) => ({ testFilePath })) });
  process.stdout.write(reporter.getLastError()?.message ?? "");
`;

/** @returns what the run fails with; empty: it does not */
function complaint(run: {
  readonly seen: readonly string[];
  readonly files?: readonly string[];
  readonly testNamePattern?: string;
}): string {
  const told = JSON.stringify({ files: FILES, testNamePattern: "", ...run });
  return execFileSync(process.execPath, ["-e", RUN, told], { encoding: "utf8", stdio: "pipe" });
}

test("a run that has seen everything passes", () => {
  expect(PROMISES.length).toBeGreaterThan(100);
  expect(complaint({ seen: PROMISES })).toBe("");
});

test.each(["PATCH /me 412", "POST /service/access-token 403", "code frozen", "reason in_doubt"])(
  "a run that has not seen %s fails and names it",
  (missing) => {
    const seen = PROMISES.filter((promise) => promise !== missing);
    if (seen.length === PROMISES.length) {
      throw new Error(`the contract does not document ${missing}`);
    }
    expect(complaint({ seen })).toBe(
      `documented in docs/openapi.json, and produced by no test:\n  ${missing}`,
    );
  },
);

test("a run of some of the tests says nothing", () => {
  expect(complaint({ seen: [], files: FILES.slice(1) })).toBe("");
  expect(complaint({ seen: [], testNamePattern: "me" })).toBe("");
});
