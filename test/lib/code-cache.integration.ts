/**
 * Functions with a code cache beside their bundle: real bundles, and a process for each Node that
 * runs them.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Function, Runtime } from "aws-cdk-lib/aws-lambda";
import { BUNDLE, CACHE, RECORD } from "../../lambda/code-cache/format";
import { withBundles } from "../../lib/bundling";
import {
  addCodeCaches,
  type DeployedNode,
  findDeployedNode,
  NODE_VARIABLE,
} from "../../lib/code-cache";
import { seeded } from "../support/seeded";
import { STAGE } from "./synth";

const HERE = { path: process.execPath, flags: [], name: "this one" };
const VERSION = process.version.slice(1);
const root = mkdtempSync(join(tmpdir(), "rollup-vault-code-cache-"));

interface Told {
  readonly answer: { readonly statusCode: number; readonly body: string };
  /** Log lines of loading. */
  readonly lines: readonly { readonly event: string; readonly reason?: string }[];
}

/** Folders of functions as the assembly has them. */
async function assetsOf(name: string, node?: DeployedNode) {
  const app = new App({ outdir: join(root, name) });
  const stack = new Stack(app, "Stack");
  await withBundles(app, { credential: "secret", node }, (codeOf) => {
    for (const handler of ["health-with-keys", "health"] as const) {
      const runtime = Runtime.NODEJS_24_X;
      new Function(stack, handler, { runtime, handler: "index.handler", code: codeOf(handler) });
    }
  });
  const { directory } = app.synth();
  const found = readdirSync(directory).filter((file) => file.startsWith("asset."));
  const folders = found.map((file) => join(directory, file));
  // By size: one of them has the client of KMS.
  const [withKeys = "", health = ""] = folders.sort((one, other) => sizeOf(other) - sizeOf(one));
  return { withKeys, health };
}

const sizeOf = (folder: string) =>
  readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

/** Loads a folder as Lambda does, and calls it once. */
function run(folder: string, flags: readonly string[] = []): Told {
  const script = `
    const { handler } = require(${JSON.stringify(join(folder, "index.js"))});
    const event = { routeKey: "GET /health", headers: {}, requestContext: { http: {} } };
    const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 5000 };
    handler(event, context).then((answer) => console.log(JSON.stringify({ answer })));
  `;
  const env = {
    METRICS_NAMESPACE: "RollupVault/test",
    ROUTES: '["GET /health"]',
    CLIENT_KEY_ALG: "ES256",
    CLIENT_KEY_ARNS: "[]",
    AWS_REGION: "eu-central-1",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
  const said = execFileSync(process.execPath, [...flags, "-e", script], { env, encoding: "utf8" });
  const lines = said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Told["lines"][0] & Told);
  const { answer } = lines.find((line) => "answer" in line) as Told;
  return { answer, lines: lines.filter(({ event }) => event === "code_cache_unused") };
}

/** A copy to break. */
function copyOf(folder: string): string {
  const copy = mkdtempSync(join(root, "copy-"));
  cpSync(folder, copy, { recursive: true });
  return copy;
}

let without: Awaited<ReturnType<typeof assetsOf>>;
let having: typeof without;
let plain: Told;
let cached: string;

beforeAll(async () => {
  without = await assetsOf("without");
  having = await assetsOf("having", HERE);
  plain = run(without.withKeys);
  cached = having.withKeys;
}, 120_000);

afterAll(() => {
  rmSync(root, { recursive: true });
});

test("a stage without code caches has its bundles alone", () => {
  expect(Object.values(without).map((folder) => readdirSync(folder))).toEqual([
    ["index.js"],
    ["index.js"],
  ]);
  expect(plain).toMatchObject({ answer: { statusCode: 200 }, lines: [] });
});

test("the bundle of health, which is small, has none: it would load in twice the time", () => {
  expect(readdirSync(having.health)).toEqual(["index.js"]);
});

test("a bundle that is run from its code cache gives the same answer, and says nothing", () => {
  expect(readdirSync(cached).sort()).toEqual([BUNDLE, CACHE, RECORD, "index.js"].sort());
  expect(run(cached)).toEqual(plain);
});

describe("a code cache that does not fit is not used, the answer is the same, and it is told:", () => {
  const change = (file: string, by: (text: Buffer) => Buffer | string) => (folder: string) => {
    writeFileSync(join(folder, file), by(readFileSync(join(folder, file))));
  };
  const remove = (file: string) => (folder: string) => {
    unlinkSync(join(folder, file));
  };
  const otherNode = (text: Buffer) => text.toString().replace(process.version, "v24.0.0");

  test.each<[string, string, (folder: string) => void]>([
    ["unreadable", "without a cache", remove(CACHE)],
    ["unreadable", "without a record", remove(RECORD)],
    ["damaged", "cut off", change(CACHE, (cache) => cache.subarray(0, cache.length - 1))],
    ["damaged", "empty", change(CACHE, () => "")],
    [
      "damaged",
      "with a byte more",
      change(CACHE, (cache) => Buffer.concat([cache, cache.subarray(0, 1)])),
    ],
    ["damaged", "with a record that is no JSON", change(RECORD, () => "{")],
    ["damaged", "with a record that is null", change(RECORD, () => "null")],
    [
      "damaged",
      "with a record without a digest",
      change(RECORD, (text) => text.toString().replace("digest", "x")),
    ],
    ["other_node", "with a record of nothing", change(RECORD, () => "[]")],
    ["other_node", "of another Node", change(RECORD, otherNode)],
    ["damaged", "of another bundle", change(BUNDLE, (text) => `${text.toString()} `)],
    [
      "damaged",
      "of a bundle of the same length",
      change(BUNDLE, (text) => text.toString().replace(/\n$/, " ")),
    ],
  ])("%s: %s", (reason, _, spoil) => {
    const folder = copyOf(cached);
    spoil(folder);
    const { answer, lines } = run(folder);
    expect(answer).toEqual(plain.answer);
    const told = { level: "warn", reason, cause: process.version, setting: "codeCache" };
    expect(lines).toEqual([expect.objectContaining(told)]);
  });

  test("unreadable: where Node cannot say how V8 was built", () => {
    const broken = join(root, "broken.cjs");
    writeFileSync(broken, 'Object.defineProperty(process, "config", { value: {} });');
    const { answer, lines } = run(cached, ["--require", broken]);
    expect(answer).toEqual(plain.answer);
    expect(lines).toEqual([expect.objectContaining({ reason: "unreadable" })]);
  });

  test("rejected: of a V8 with other flags", () => {
    const { answer, lines } = run(cached, ["--expose-gc"]);
    expect(answer).toEqual(plain.answer);
    expect(lines).toEqual([expect.objectContaining({ reason: "rejected" })]);
  });

  test("damaged: one bit, wherever it is", () => {
    const seed = Date.now();
    const random = seeded(seed);
    const folder = copyOf(cached);
    const cache = readFileSync(join(folder, CACHE));
    for (let time = 0; time < 8; time += 1) {
      const place = Math.floor(random() * cache.length);
      const bad = Buffer.from(cache);
      bad[place] = (bad[place] ?? 0) ^ (1 << Math.floor(random() * 8));
      writeFileSync(join(folder, CACHE), bad);
      const { answer, lines } = run(folder);
      expect([seed, place, answer]).toEqual([seed, place, plain.answer]);
      expect(lines).toEqual([expect.objectContaining({ reason: "damaged" })]);
    }
  });
});

test("a code cache that is made again is no change of the deployment, for another Node it is", async () => {
  const made = async (name: string) => {
    const folder = copyOf(without.withKeys);
    return (await addCodeCaches([folder], { ...HERE, name }, root)).get(folder);
  };
  const first = await made("24");
  expect(await made("24")).toBe(first);
  expect(await made("26")).not.toBe(first);
});

test("a code cache that V8 rejects at once is no part of a deployment", async () => {
  // Of this flag the maker takes a part back, so that the cache is for other flags than a function.
  const node = { ...HERE, flags: ["--no-lazy"] };
  await expect(addCodeCaches([copyOf(without.withKeys)], node, root)).rejects.toThrow(/V8 rejects/);
});

describe("the Node that makes the code caches", () => {
  const architecture = process.arch === "arm64" ? "arm64" : "x86_64";
  const codeCache = { nodeVersion: VERSION };

  test("is none for a stage without them", () => {
    expect(findDeployedNode(STAGE)).toBeUndefined();
  });

  test("is the one that synthesizes, where functions run on it, with the flags of Lambda", () => {
    const found = findDeployedNode({ codeCache, architecture }, {});
    expect(found).toMatchObject({ path: process.execPath, flags: ["--expose-gc"] });
    const flags = ["--max-lazy"];
    expect(
      findDeployedNode({ codeCache: { ...codeCache, nodeFlags: flags }, architecture }, {}),
    ).toMatchObject({ flags });
  });

  test.each([
    ["another version", { codeCache: { nodeVersion: "24.0.0" }, architecture }, {}],
    [
      "another processor",
      { codeCache, architecture: architecture === "arm64" ? "x86_64" : "arm64" },
      {},
    ],
    ["no Node", { codeCache, architecture }, { [NODE_VARIABLE]: "/bin/false" }],
    ["no file", { codeCache, architecture }, { [NODE_VARIABLE]: "/nowhere/node" }],
  ] as const)("is asked for by one sentence where there is %s", (_, stage, environment) => {
    expect(() => findDeployedNode(stage, environment)).toThrow(
      /^stage file: "codeCache" needs Node [\d.]+ for linux \w+, and \S+ is [^\n]+ CODE_CACHE_NODE, or [^\n]+$/,
    );
  });

  test("is taken from the variable that names it", () => {
    const environment = { [NODE_VARIABLE]: process.execPath };
    expect(findDeployedNode({ codeCache, architecture }, environment)).toBeDefined();
  });
});
