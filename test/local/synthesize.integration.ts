/** When the CDK app runs, and when an earlier assembly does; with a small app in its place. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { SOURCES } from "../../local/assembly-cache";
import { synthesize } from "../../local/synthesize";
import { ROOT } from "../support/synthesized-app";

const CONTEXT = { issuer: "http://127.0.0.1:1", clientId: "1", redirectUris: [], corsOrigins: [] };

/** Says which run it is of, and what it sees. */
const APP = `import { mkdirSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { hook } from "../lib/hook";
hook();
const folder = process.env.CDK_OUTDIR;
mkdirSync(folder, { recursive: true });
const seen = { run: randomUUID(), variables: Object.keys(process.env).sort() };
writeFileSync(folder + "/manifest.json", JSON.stringify(seen));
`;
const QUIET = "export function hook() {}\n";

let folder: string;
let root: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "synthesize-"));
  root = join(folder, "root");
  cache = join(folder, "cache");
  for (const name of ["bin", "lib", "lambda", "node_modules"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  for (const file of ["cdk.json", "package.json", "package-lock.json", "tsconfig.json"]) {
    writeFileSync(join(root, file), "{}");
  }
  writeFileSync(join(root, "node_modules/.package-lock.json"), "{}");
  symlinkSync(join(ROOT, "node_modules/tsx"), join(root, "node_modules/tsx"));
  writeFileSync(join(root, "bin/app.ts"), APP);
  writeFileSync(join(root, "lib/hook.ts"), QUIET);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Seen {
  readonly run: string;
  readonly variables: readonly string[];
}

async function run(into: string, options: { cache?: string } = { cache }) {
  const out = join(folder, into);
  const how = await synthesize(CONTEXT, out, { root, ...options });
  return { how, seen: JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as Seen };
}

test("an assembly is reused until something that it was made from has changed", async () => {
  const first = await run("one");
  const second = await run("two");
  expect([first.how, second.how]).toEqual(["made", "reused"]);
  expect(second.seen).toEqual(first.seen);

  writeFileSync(join(root, "lib/hook.ts"), `${QUIET}// changed\n`);
  const third = await run("three");
  expect(third.how).toBe("made");
  expect(third.seen.run).not.toBe(first.seen.run);

  writeFileSync(join(root, "lib/hook.ts"), QUIET);
  expect(await run("four")).toEqual({ how: "reused", seen: first.seen });
});

test("a damaged one is made anew, and is whole again for the next", async () => {
  await run("one");
  const [entry = ""] = readdirSync(cache);
  writeFileSync(join(cache, entry, "assembly/manifest.json"), "{}");
  const again = await run("two");
  expect(again.how).toBe("made");
  expect(await run("three")).toEqual({ how: "reused", seen: again.seen });
});

test("without a folder for them each is made, and none is left", async () => {
  expect([(await run("one", {})).how, (await run("two", {})).how]).toEqual(["made", "made"]);
  expect(readdirSync(folder)).not.toContain("cache");
});

test("two runs at once are both served, and leave one", async () => {
  const both = await Promise.all([run("one"), run("two")]);
  expect(readdirSync(cache)).toHaveLength(1);
  const third = await run("three");
  expect(third.how).toBe("reused");
  expect(both.map(({ seen }) => seen.run)).toContain(third.seen.run);
});

test("an app that fails leaves nothing, and says why", async () => {
  writeFileSync(
    join(root, "lib/hook.ts"),
    'export function hook() { throw new Error("no such stage"); }',
  );
  await expect(run("one")).rejects.toThrow(/exit code 1[^]*no such stage/);
  expect(readdirSync(folder)).not.toContain("cache");
});

test("what was saved while the app ran is not taken for what the assembly was made from", async () => {
  const file = JSON.stringify(join(root, "lambda/late.ts"));
  const hook = `import { writeFileSync } from "node:fs";
export function hook() { writeFileSync(${file}, ""); }`;
  writeFileSync(join(root, "lib/hook.ts"), hook);
  expect((await run("one")).how).toBe("made");
  expect(readdirSync(folder)).not.toContain("cache");
});

test("a folder that cannot be written is no reason not to start", async () => {
  writeFileSync(cache, "a file");
  expect((await run("one")).how).toBe("made");
});

test("the app sees nothing of the environment but what the key knows", async () => {
  process.env["NODE_OPTIONS"] = "--no-deprecation";
  process.env["MY_STAGE"] = "mine";
  try {
    const { seen } = await run("one");
    expect(seen.variables).toEqual([
      "CDK_CONTEXT_JSON",
      "CDK_OUTDIR",
      "CDK_VALIDATION",
      "NODE_OPTIONS",
      "TMPDIR",
    ]);
    delete process.env["NODE_OPTIONS"];
    expect((await run("two")).how).toBe("made");
  } finally {
    delete process.env["NODE_OPTIONS"];
    delete process.env["MY_STAGE"];
  }
});

test("what the real app is made from is in the key", async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["bin/app.ts"],
    bundle: true,
    platform: "node",
    packages: "external",
    write: false,
    metafile: true,
    outdir: ROOT,
  });
  const files = Object.keys(metafile.inputs);
  expect(files.length).toBeGreaterThan(20);
  const isKnown = (file: string) => SOURCES.some((source) => file.startsWith(`${source}/`));
  expect(files.filter((file) => !isKnown(file))).toEqual([]);
});
