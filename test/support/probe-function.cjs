/**
 * A Lambda's life in small, for tests: loads a bundle with nothing but the given environment and
 * calls it once per route, without credentials. Standard input: `{ bundle, environment, routeKeys
 * }`; standard output: `{ read, statuses }`.
 */
const { readFileSync } = require("node:fs");

const { bundle, environment, routeKeys } = JSON.parse(readFileSync(0, "utf8"));
const print = process.stdout.write.bind(process.stdout);
const read = new Set();
process.env = new Proxy(environment, {
  get: (target, name) => {
    read.add(String(name));
    return target[name];
  },
});
// The function's own log lines.
process.stdout.write = () => true;

const { handler } = require(bundle);

async function statusOf(routeKey) {
  const [method, path] = routeKey.split(" ");
  const event = {
    version: "2.0",
    routeKey,
    rawPath: path,
    headers: {},
    requestContext: { http: { method, path }, requestId: "probe" },
    isBase64Encoded: false,
  };
  const context = { awsRequestId: "probe", getRemainingTimeInMillis: () => 5_000 };
  return (await handler(event, context)).statusCode;
}

(async () => {
  const statuses = {};
  for (const routeKey of routeKeys) {
    statuses[routeKey] = await statusOf(routeKey);
  }
  print(JSON.stringify({ read: [...read].sort(), statuses }));
})();
