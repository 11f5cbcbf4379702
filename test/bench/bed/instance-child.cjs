"use strict";
/**
 * A warm instance: loads a bundle once and calls its handler with the events that it is sent, so
 * many at once as it is told. Reports the process's own CPU and the time of each call.
 */
const { join } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");

const { handler } = require(join(process.argv[2], "index.js"));
const context = () => {
  const until = Date.now() + 29_000;
  return { awsRequestId: "bench", getRemainingTimeInMillis: () => until - Date.now() };
};

async function run({ events, atOnce, wantsBodies, retries }) {
  const walls = [];
  const statuses = {};
  const bodies = [];
  let error;
  let retried = 0;
  let next = 0;
  // To API Gateway, a handler that throws is a function that has failed.
  const answerTo = async (event) => {
    try {
      return (await handler(event, context())) ?? { statusCode: 200 };
    } catch (thrown) {
      error ??= String(thrown?.stack ?? thrown);
      return { statusCode: 500 };
    }
  };
  // As a client does that is told when to come back.
  const finalAnswerTo = async (event) => {
    for (let left = retries; ; left -= 1) {
      const answer = await answerTo(event);
      const seconds = Number(answer.headers?.["retry-after"]);
      if (answer.statusCode !== 503 || !(seconds > 0) || left === 0) {
        return answer;
      }
      retried += 1;
      await sleep(seconds * 1_000);
    }
  };
  const lane = async () => {
    while (next < events.length) {
      const event = events[next];
      next += 1;
      const from = performance.now();
      const answer = await finalAnswerTo(event);
      walls.push(performance.now() - from);
      statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
      if (wantsBodies) {
        bodies.push(answer.body ?? "{}");
      }
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: atOnce }, lane));
  const { user, system } = process.cpuUsage(before);
  const { rss } = process.memoryUsage();
  return { cpuUs: user + system, walls, statuses, bodies, error, retried, rss };
}

process.on("disconnect", () => process.exit(0));
process.on("message", (batch) => {
  void run(batch).then((done) => process.send(done));
});
