import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { FunctionError, type FunctionSpec } from "./function-spec";
import { instanceEnvironment, type InstanceWorld } from "./instance-environment";
import { createRuntimeApi, type RuntimeApi, type RuntimeReport } from "./runtime-api";

export type LogStream = "stdout" | "stderr";

export interface InstanceOptions extends InstanceWorld {
  readonly onLine: (line: string, stream: LogStream) => void;
  /** Told of each event that a process takes, before it sees it. */
  readonly onEvent?: (process: Pick<Instance, "kill">) => void;
}

/** One process that serves one event at a time. */
export interface Instance {
  readonly pid: number | undefined;
  /**
   * Resolves with true once it can take the next event, with false if it has ended instead. One
   * that keeps itself busy after its answer for longer than an event may take is ended.
   */
  ready(): Promise<boolean>;
  /**
   * @throws FunctionError when the function failed, crashed or ran out of time (then the process is
   *   gone, too)
   */
  invoke(payload: string): Promise<string>;
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<void>;
  kill(): void;
}

/** What Lambda allows for everything outside the handler. */
const INIT_TIMEOUT_MS = 10_000;
/** The SDK warns of a Node that Lambda does not have. */
const QUIET = ["--disable-warning=NodeVersionSupportWarning"];
const BOOTSTRAP = join(__dirname, "bootstrap.cjs");

export async function startInstance(
  spec: FunctionSpec,
  options: InstanceOptions,
): Promise<Instance> {
  const api = await createRuntimeApi();
  const child = spawnBootstrap(spec, options, api.address);
  const ended = watchEnd(child, api);
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  const onEvent = () => options.onEvent?.({ kill });
  return {
    pid: child.pid,
    ended,
    ready: () => untilReady({ spec, api, child, ended }),
    invoke: (payload: string) => invoke({ spec, api, child, ended, onEvent }, payload),
    kill,
  };
}

function spawnBootstrap(spec: FunctionSpec, options: InstanceOptions, runtimeApi: string) {
  const { nodeOptions = [], preload } = options.hooks;
  const preloadOptions = preload === undefined ? [] : ["--require", preload];
  const args = [...QUIET, ...nodeOptions, ...preloadOptions, BOOTSTRAP];
  const child = spawn(process.execPath, args, {
    cwd: spec.codeFolder,
    env: instanceEnvironment(spec, options, runtimeApi),
    // Standard input is the lifeline: it closes when this process ends, however it ends.
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined);
  forwardLines(child.stdout, (line) => {
    options.onLine(line, "stdout");
  });
  forwardLines(child.stderr, (line) => {
    options.onLine(line, "stderr");
  });
  return child;
}

function forwardLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", onLine);
}

/** `close` comes after the last line of output; `error` when there never was a process. */
function watchEnd(child: ChildProcess, api: RuntimeApi): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      api.close();
      resolve();
    };
    child.once("close", end).once("error", end);
  });
}

interface Running {
  readonly spec: FunctionSpec;
  readonly api: RuntimeApi;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

interface Busy {
  readonly onEvent: () => void;
}

async function invoke(running: Running & Busy, payload: string): Promise<string> {
  const { spec, api, child, ended, onEvent } = running;
  let timedOut = false;
  const expire = () => {
    timedOut = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(expire, INIT_TIMEOUT_MS);
  const started = () => {
    clearTimeout(timer);
    timer = setTimeout(expire, spec.timeoutMs);
    onEvent();
  };
  const invocation = {
    requestId: randomUUID(),
    payload,
    functionArn: spec.arn,
    timeoutMs: spec.timeoutMs,
  };
  const report = await Promise.race([api.run(invocation, started), ended.then(() => undefined)]);
  clearTimeout(timer);
  return judge(report, timedOut, spec);
}

async function untilReady({ spec, api, child, ended }: Running): Promise<boolean> {
  const timer = setTimeout(() => child.kill("SIGKILL"), spec.timeoutMs);
  const isReady = await Promise.race([api.asking().then(() => true), ended.then(() => false)]);
  clearTimeout(timer);
  return isReady;
}

function judge(report: RuntimeReport | undefined, timedOut: boolean, spec: FunctionSpec): string {
  if (report === undefined) {
    throw new FunctionError(spec.name, timedOut ? "timed_out" : "crashed");
  }
  if ("failure" in report) {
    throw new FunctionError(spec.name, report.failure);
  }
  return report.answer;
}
