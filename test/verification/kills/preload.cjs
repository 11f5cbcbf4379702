"use strict";
/**
 * Loaded before an unmodified bundle (`node --require`): kills its own process with SIGKILL at one
 * point of one invocation.
 *
 * The event's headers name point and case; for an event of a queue a file does, named after the
 * subject. Requests on the wire identify a point, never the code. The first of several invocations
 * to reach the point dies: it is the one that can create the case's file, whose content is the time
 * of death.
 */
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const http = require("node:http");
const { join } = require("node:path");

const { AWS_LAMBDA_RUNTIME_API: RUNTIME, KILL_CLAIMS, KILL_SINK } = process.env;
const TOKEN_ENDPOINT = JSON.parse(process.env.IDP_SETTINGS).tokenEndpoint;

const original = http.request;
/** Whether this process has read the client secret, which it then does not read again. */
let hasSecret = false;
let invocation = begin({});

function begin({ headers, Records: records = [] }) {
  return {
    point: headers?.["x-kill-point"],
    name: headers?.["x-kill-case"],
    ...records.map(({ body }) => orderFor(JSON.parse(body).sub)).find(Boolean),
    /** Applied writes of the grant: the intent, then the commit. */
    writes: 0,
    isAnswered: false,
  };
}

function orderFor(sub) {
  try {
    return JSON.parse(readFileSync(join(KILL_CLAIMS, `order-${encodeURIComponent(sub)}`), "utf8"));
  } catch {
    return undefined;
  }
}

function reached(point) {
  if (point !== undefined && invocation.point === point && claim()) {
    process.kill(process.pid, "SIGKILL");
  }
}

function claimOf({ name }) {
  return join(KILL_CLAIMS, name);
}

function claim() {
  try {
    writeFileSync(claimOf(invocation), String(Date.now()), { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

http.request = function request(...args) {
  const { url, method, target } = describe(args);
  if (url.startsWith(`http://${RUNTIME}/`)) {
    return callRuntime(args, `${method} ${url}`);
  }
  if (target !== undefined) {
    return callAws(args, target);
  }
  return url === TOKEN_ENDPOINT && method === "POST" ? callProvider(args) : original(...args);
};

function describe([first, second]) {
  const hasUrl = typeof first === "string" || first instanceof URL;
  const options = (hasUrl ? second : first) ?? {};
  const port = options.port === undefined ? "" : `:${options.port}`;
  const url = hasUrl
    ? String(first)
    : `http://${options.hostname ?? options.host}${port}${options.path}`;
  return { url, method: options.method, target: options.headers?.["x-amz-target"] };
}

/** Runs before the code's own handlers: the response was never delivered to it. */
function onResponse(request, listener) {
  request.prependOnceListener("response", listener);
  return request;
}

/** The whole body has arrived, and the last part was not delivered yet. */
function onBody(response, listener) {
  const push = response.push;
  response.push = function (chunk, ...rest) {
    if (chunk === null) {
      listener();
    }
    return push.call(this, chunk, ...rest);
  };
}

function callRuntime(args, line) {
  if (line.endsWith("/invocation/next")) {
    return onResponse(original(...args), (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        invocation = begin(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      });
    });
  }
  if (line.endsWith("/response") && invocation.writes > 0) {
    reached("K13");
    return onResponse(original(...args), () => reached("K14"));
  }
  return original(...args);
}

const AFTER_BODY = {
  // The same read includes the freeze of all users, every few seconds.
  "DynamoDB_20120810.BatchGetItem": "K1",
  "DynamoDB_20120810.GetItem": "K1",
  "secretsmanager.GetSecretValue": "K2",
  "TrentService.Decrypt": "K3",
  "TrentService.GenerateDataKey": "K4",
  "AmazonSQS.SendMessage": "K6",
};

function callAws(args, target) {
  if (target.startsWith("TrentService.") && hasSecret) {
    reached("K2");
  }
  const isWrite = target === "DynamoDB_20120810.UpdateItem";
  if (isWrite && invocation.isAnswered) {
    reached("K11");
  }
  return onResponse(original(...args), (response) => {
    const isDone = response.statusCode === 200;
    if (isWrite && isDone) {
      invocation.writes += 1;
      reached(invocation.writes === 1 ? "K5" : "K12");
    }
    onBody(response, () => {
      hasSecret ||= isDone && target === "secretsmanager.GetSecretValue";
      reached(AFTER_BODY[target]);
    });
  });
}

function callProvider(args) {
  // Its own address accepts the whole request and passes nothing on.
  const isStuck = invocation.point === "K8" && !existsSync(claimOf(invocation));
  const request = isStuck ? original(KILL_SINK, ...args.slice(1)) : original(...args);
  request.once("socket", (socket) => socket.prependOnceListener("connect", () => reached("K7")));
  return onResponse(request, (response) => {
    reached("K8");
    reached("K9");
    invocation.isAnswered = true;
    if (invocation.point === "K10") {
      deliverHalf(response);
    }
  });
}

function deliverHalf(response) {
  const push = response.push;
  response.push = function (chunk, ...rest) {
    if (chunk === null) {
      return false;
    }
    setImmediate(() => setImmediate(() => reached("K10")));
    return push.call(this, chunk.subarray(0, chunk.length / 2), ...rest);
  };
}
