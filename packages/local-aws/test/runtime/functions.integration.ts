/** What Lambda counts of invocations, where it really happens: processes that end, and a limit. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFunctions, type Functions, type Invocation } from "../../src/functions";
import type { LocalFunction } from "../../src/template/application";

jest.setTimeout(20_000);

const BUNDLE = `
exports.handler = async (event) => {
  if (event.do === "sleep") await new Promise((resolve) => setTimeout(resolve, 200));
  if (event.do === "hang") for (;;) {}
  if (event.do === "throw") throw new Error("thrown");
  if (event.do === "exit") process.exit(3);
  return event;
};`;

let folder: string;
let functions: Functions;
let seen: Pick<Invocation, "functionId" | "failure">[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "functions-"));
  await writeFile(join(folder, "index.js"), BUNDLE);
  await writeFile(join(folder, "broken.js"), "throw new Error('at load');");
});

afterEach(async () => {
  seen = [];
  await functions.close();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** `S/A` and `S/B`. */
function create(spec: Partial<LocalFunction> = {}): void {
  const one = (label: string): LocalFunction => ({
    id: `S/${label}`,
    name: `S-${label}`,
    label,
    arn: "arn:aws:lambda:function",
    codeFolder: folder,
    handler: "index.handler",
    environment: {},
    timeoutMs: 1_000,
    memoryMb: 512,
    statements: [],
    ...spec,
  });
  functions = createFunctions([one("A"), one("B")], {
    endpoints: { dynamodb: "http://d", kms: "http://k", secretsmanager: "http://s" },
    logs: { folder, write: () => undefined, close: () => Promise.resolve() },
    concurrency: 4,
    hooks: {},
    onInvoked: ({ functionId, failure }) => seen.push({ functionId, failure }),
  });
}

const invoke = async (id: string, what: string) =>
  await functions.invoke(id, { do: what }).then(
    () => "answered",
    (error: unknown) => (error as { readonly failure?: string }).failure,
  );

test.each([
  ["throw", "failed"],
  ["exit", "crashed"],
  ["hang", "timed_out"],
])("a function that does %s is an error", async (what, failure) => {
  create();
  expect(await invoke("S/A", what)).toBe(failure);
  expect(await invoke("S/A", "")).toBe("answered");
  expect(seen).toEqual([
    { functionId: "S/A", failure },
    { functionId: "S/A", failure: undefined },
  ]);
});

test("one that does not load is an error", async () => {
  create({ handler: "broken.handler" });
  expect(await invoke("S/A", "")).toBe("init_failed");
});

test("one whose process is killed at its event is an error, until that is over", async () => {
  create();
  functions.trouble({ areKilled: true });
  expect(await invoke("S/A", "")).toBe("crashed");
  functions.trouble({});
  expect(await invoke("S/A", "")).toBe("answered");
});

test("what the account has left is shared; one more is turned away, and never runs", async () => {
  create();
  functions.trouble({ concurrency: 2 });
  const outcomes = await Promise.all(
    ["S/A", "S/B", "S/A", "S/B"].map(async (id) => await invoke(id, "sleep")),
  );
  expect(outcomes).toEqual(["answered", "answered", "throttled", "throttled"]);
  expect(await invoke("S/A", "")).toBe("answered");
  expect(seen.filter(({ failure }) => failure === "throttled")).toHaveLength(2);
});

test("who reserves executions has just these, whatever others do", async () => {
  create({ reservedConcurrency: 1 });
  functions.trouble({ concurrency: 0 });
  const outcomes = await Promise.all([invoke("S/A", "sleep"), invoke("S/A", "sleep")]);
  expect(outcomes).toEqual(["answered", "throttled"]);
});
