"use strict";
/**
 * A cold start: from a fresh process to the function's first answer, as Lambda's own client loads
 * it. Reports to file descriptor 3. Arguments: folder of the bundle, file of the event.
 */
const { readFileSync, writeSync } = require("node:fs");
const { join } = require("node:path");

const [, , folder, eventFile] = process.argv;
const event = JSON.parse(readFileSync(eventFile, "utf8"));
const context = { awsRequestId: "bench", getRemainingTimeInMillis: () => 29_000 };

async function main() {
  const before = process.cpuUsage();
  const { handler } = require(join(folder, "index.js"));
  const imported = process.cpuUsage(before);
  const answer = await handler(event, context);
  // Both count from the start of the process.
  const wallMs = performance.now();
  const { user, system } = process.cpuUsage();
  if (answer?.statusCode >= 300 || answer?.batchItemFailures?.length > 0) {
    throw new Error(JSON.stringify(answer));
  }
  const importMs = (imported.user + imported.system) / 1_000;
  writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1_000, wallMs, importMs }));
  process.exit(0);
}

main().catch((error) => {
  writeSync(2, `${error.stack}\n`);
  process.exit(1);
});
