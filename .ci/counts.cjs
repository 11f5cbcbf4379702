// Prints "passed failed skipped" from a jest report; a suite that could not even run counts as one
// failure.
const { existsSync, readFileSync } = require("node:fs");

const path = process.argv[2];
if (!existsSync(path)) {
  console.log("0 1 0"); // jest itself did not get far enough to report
} else {
  const report = JSON.parse(readFileSync(path, "utf8"));
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  // A run that jest calls unsuccessful (an open handle, a failed teardown) is never counted as
  // clean.
  const unexplained = failed === 0 && !report.success ? 1 : 0;
  console.log(report.numPassedTests, failed + unexplained, report.numPendingTests);
}
