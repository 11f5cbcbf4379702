"use strict";
/**
 * A warm instance: loads a bundle once and calls its handler with the events that it is sent, so
 * many at once as it is told. Reports the process's own CPU and the time of each call.
 */
const { join } = require("node:path");

const { handler } = require(join(process.argv[2], "index.js"));
const context = () => {
  const until = Date.now() + 29_000;
  return { awsRequestId: "bench", getRemainingTimeInMillis: () => until - Date.now() };
};

async function run({ events, atOnce, wantsBodies }) {
  const walls = [];
  const statuses = {};
  const bodies = [];
  let next = 0;
  const lane = async () => {
    while (next < events.length) {
      const event = events[next];
      next += 1;
      const from = performance.now();
      const answer = (await handler(event, context())) ?? { statusCode: 200 };
      walls.push(performance.now() - from);
      statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
      if (wantsBodies) {
        bodies.push(answer.body ?? "");
      }
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: atOnce }, lane));
  const { user, system } = process.cpuUsage(before);
  const { rss } = process.memoryUsage();
  return { cpuUs: user + system, walls, statuses, bodies, rss };
}

process.on("disconnect", () => process.exit(0));
process.on("message", (batch) => {
  run(batch).then(
    (done) => process.send(done),
    (error) => process.send({ error: String(error.stack) }),
  );
});
