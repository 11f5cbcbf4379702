/** Functions in processes of their own, with Lambda's rules. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFunctionPool, type FunctionPool } from "../../src/runtime/function-pool";
import type { FunctionHooks, FunctionSpec } from "../../src/runtime/function-spec";

jest.setTimeout(20_000);

/** The event says what the function is to do. */
const BUNDLE = `
let calls = 0;
const afterAnswer = (hang) =>
  require("node:diagnostics_channel").subscribe("http.client.response.finish", ({ request }) => {
    if (request.path.endsWith("/response")) hang();
  });
exports.handler = async (event, context) => {
  calls += 1;
  if (event.do === "hang") for (;;) {}
  if (event.do === "sleep") await new Promise((resolve) => setTimeout(resolve, event.ms));
  if (event.do === "throw") throw new Error("thrown");
  if (event.do === "crash") setTimeout(() => { throw new Error("late"); }), await new Promise(() => {});
  if (event.do === "exit") process.exit(3);
  if (event.do === "linger") afterAnswer(() => { for (;;) {} });
  if (event.do === "print") console.log(event.text), console.error(event.text);
  return { pid: process.pid, calls, env: process.env, left: context.getRemainingTimeInMillis(), event };
};`;

interface Seen {
  readonly pid: number;
  readonly calls: number;
  readonly env: Record<string, string>;
  readonly left: number;
  readonly event: { readonly n?: number };
}

let folder: string;
let pool: FunctionPool;
const lines: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pool-"));
  await writeFile(join(folder, "index.js"), BUNDLE);
  await writeFile(join(folder, "broken.js"), "throw new Error('at load');");
});

afterEach(async () => {
  await pool.close();
  expect(pool.counts().alive).toBe(0);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function createPool(spec: Partial<FunctionSpec> = {}, concurrency = 2, hooks: FunctionHooks = {}) {
  pool = createFunctionPool(
    {
      name: "Stack-Function",
      label: "Function",
      arn: "arn:aws:lambda:function",
      codeFolder: folder,
      handler: "index.handler",
      environment: { OWN: "value" },
      timeoutMs: 1_000,
      memoryMb: 512,
      ...spec,
    },
    {
      concurrency,
      hooks,
      region: "us-east-1",
      credentials: { accessKeyId: "ID", secretAccessKey: "SECRET", sessionToken: "TOKEN" },
      endpoints: { dynamodb: "http://d", kms: "http://k", secretsmanager: "http://s" },
      onLine: (line) => lines.push(line),
    },
  );
  return async (event: object) => (await pool.invoke(event)) as Seen;
}

test("an idle instance is used again; two events at once need two", async () => {
  const invoke = createPool();
  const first = await invoke({});
  const second = await invoke({});
  expect([second.pid, second.calls]).toEqual([first.pid, 2]);
  await Promise.all([invoke({ do: "sleep", ms: 100 }), invoke({ do: "sleep", ms: 100 })]);
  expect(pool.counts()).toEqual({ alive: 2, started: 2 });
});

test("beyond the limit events wait: never more processes than the template's reserved concurrency", async () => {
  const invoke = createPool({ reservedConcurrency: 2 }, 8);
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => invoke({ n })));
  expect(answers.map(({ event }) => event.n)).toEqual([...Array(12).keys()]);
  expect(pool.counts()).toEqual({ alive: 2, started: 2 });
});

test("the environment is the template's and Lambda's, and nothing of this shell but PATH", async () => {
  process.env["FROM_THE_SHELL"] = "leak";
  const { env } = await createPool()({});
  delete process.env["FROM_THE_SHELL"];
  expect(env).toMatchObject({
    OWN: "value",
    _HANDLER: "index.handler",
    LAMBDA_TASK_ROOT: folder,
    AWS_REGION: "us-east-1",
    AWS_LAMBDA_FUNCTION_NAME: "Stack-Function",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_ACCESS_KEY_ID: "ID",
    AWS_ENDPOINT_URL_DYNAMODB: "http://d",
    AWS_ENDPOINT_URL_KMS: "http://k",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://s",
    PATH: process.env["PATH"],
  });
  expect(Object.keys(env)).not.toEqual(expect.arrayContaining(["HOME"]));
  expect(env).not.toHaveProperty("FROM_THE_SHELL");
});

test("a function that hangs is killed at the template's timeout, and the next event gets a new process", async () => {
  const invoke = createPool({ timeoutMs: 1_000 }, 1);
  const { left } = await invoke({});
  expect(left).toBeLessThanOrEqual(1_000);
  await expect(invoke({ do: "hang" })).rejects.toMatchObject({ failure: "timed_out" });
  expect((await invoke({})).calls).toBe(1);
  expect(pool.counts()).toEqual({ alive: 1, started: 2 });
});

test.each([
  ["throw", "failed", 1],
  ["crash", "failed", 2],
  ["exit", "crashed", 2],
])("%s fails its own event only", async (what, failure, started) => {
  const invoke = createPool({}, 1);
  const [bad, ...good] = await Promise.allSettled([invoke({ do: what }), invoke({}), invoke({})]);
  expect(bad).toMatchObject({ status: "rejected", reason: { failure } });
  expect(good.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  expect(pool.counts().started).toBe(started);
});

test("a function that hangs after its answer is ended, so that its place is not lost", async () => {
  const invoke = createPool({ timeoutMs: 1_000 }, 1);
  await invoke({ do: "linger" });
  expect((await invoke({})).calls).toBe(1);
});

test("a bundle that cannot be loaded fails every event, and none waits for ever", async () => {
  const invoke = createPool({ handler: "broken.handler" }, 1);
  for (const answer of await Promise.allSettled([invoke({}), invoke({})])) {
    expect(answer).toMatchObject({ status: "rejected", reason: { failure: "init_failed" } });
  }
});

test("what a function prints arrives line by line", async () => {
  await createPool()({ do: "print", text: "one\ntwo" });
  await pool.close();
  expect(lines.filter((line) => ["one", "two"].includes(line))).toHaveLength(4);
});

test("closing ends a process that hangs, and refuses what waits", async () => {
  const invoke = createPool({ timeoutMs: 60_000 }, 1);
  await invoke({});
  const running = [invoke({ do: "hang" }), invoke({})].map((one) => one.catch((e: unknown) => e));
  await pool.close();
  expect(await Promise.all(running)).toMatchObject([
    { failure: "crashed" },
    { failure: "stopped" },
  ]);
});

test("idle instances can be ended: the next event meets a fresh one, and a busy one goes on", async () => {
  const invoke = createPool();
  const [first] = await Promise.all([invoke({}), invoke({})]);
  const working = invoke({ do: "sleep", ms: 100 });
  await pool.endIdle();
  expect(pool.counts()).toEqual({ alive: 1, started: 2 });
  const [kept, fresh] = await Promise.all([working, invoke({})]);
  expect([kept.calls, fresh.calls]).toEqual([2, 1]);
  expect(fresh.pid).not.toBe(first.pid);
});

test("a hook is loaded before the bundle", async () => {
  const preload = join(folder, "preload.cjs");
  await writeFile(preload, "process.env.PRELOADED = process.execArgv.join(' ');");
  const { env } = await createPool({}, 1, { preload, nodeOptions: ["--no-deprecation"] })({});
  expect(env["PRELOADED"]).toContain("--no-deprecation");
});
