"use strict";
/**
 * The process of one function instance: a client of the Lambda Runtime API (2018-06-01). It loads
 * the handler from the synthesized bundle and serves one event at a time. Plain JavaScript without
 * dependencies, so that a cold start here costs what the bundle costs.
 */
const http = require("node:http");
const path = require("node:path");

const API = new URL(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/`);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/**
 * Ends with the run: the pipe and the Runtime API close even when the parent was killed with
 * SIGKILL.
 */
process.stdin.on("error", leave).on("close", leave).resume();
/** Ctrl-C reaches the whole process group; the parent decides when an instance ends. */
process.on("SIGINT", () => undefined);

function leave() {
  process.exit(0);
}

function call(method, target, body) {
  return new Promise((resolve, reject) => {
    const options = { agent, method, headers: { "content-type": "application/json" } };
    const request = http.request(new URL(target, API), options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

function describe(error) {
  const known = error instanceof Error;
  return JSON.stringify({
    errorType: known ? error.name : typeof error,
    errorMessage: known ? error.message : String(error),
    trace: known ? String(error.stack).split("\n") : [],
  });
}

/** What would be in CloudWatch: the function's own log has it, no caller does. */
function report(kind, error) {
  process.stderr.write(`${kind} ${describe(error)}\n`);
}

function loadHandler() {
  const { LAMBDA_TASK_ROOT, _HANDLER } = process.env;
  const [file, name] = _HANDLER.split(".");
  const handler = require(path.resolve(LAMBDA_TASK_ROOT, file))[name];
  if (typeof handler !== "function") {
    throw new TypeError(`${_HANDLER} is not a function`);
  }
  return handler;
}

function createContext(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

let current;

async function serve(handler) {
  for (;;) {
    const { headers, body } = await call("GET", "invocation/next");
    const context = createContext(headers);
    current = context.awsRequestId;
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
    try {
      const answer = JSON.stringify((await handler(JSON.parse(body), context)) ?? null);
      await call("POST", `invocation/${current}/response`, answer);
    } catch (error) {
      report("Invoke Error", error);
      await call("POST", `invocation/${current}/error`, describe(error));
    }
    current = undefined;
  }
}

async function crash(kind, error) {
  report(kind, error);
  const target = current === undefined ? "init/error" : `invocation/${current}/error`;
  await call("POST", target, describe(error)).catch(() => undefined);
  process.exit(1);
}

process.on("uncaughtException", (error) => void crash("Uncaught Exception", error));
process.on("unhandledRejection", (error) => void crash("Unhandled Promise Rejection", error));

let handler;
try {
  handler = loadHandler();
} catch (error) {
  void crash("Init Error", error);
}
if (handler !== undefined) {
  serve(handler).catch(leave);
}
