/** `npm start` as a person or a script uses it: outputs, exit codes, and nothing left behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outputs } from "../../local/outputs";
import { dataFolderFor } from "../../local/start-options";
import { startProviderServer } from "../support/provider-server";
import { allGone, descendants } from "./processes";

jest.setTimeout(240_000);

const ROOT = join(__dirname, "..", "..");
/** `/proc` tells which processes there are. */
const onLinux = process.platform === "linux" ? test : test.skip;

interface Run {
  readonly child: ChildProcess;
  readonly outputsFile: string;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

/** Writes down what it was told to open, all or nothing. */
const BROWSER = `#!/bin/sh
printf %s "$*" >"$OPENED.draft" && mv "$OPENED.draft" "$OPENED"
`;

const SIGNALS = ["SIGINT", "SIGKILL"] as const;

let folder: string;
let touring: Run;
const running = new Map<NodeJS.Signals, Run>();
const runs: Run[] = [];

// Side by side, since most of a start is synthesizing.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "start-command-"));
  await writeFile(join(folder, "xdg-open"), BROWSER, { mode: 0o755 });
  touring = start(["--tour"]);
  running.set("SIGINT", start(["--open"]));
  running.set("SIGKILL", start([]));
});

afterAll(async () => {
  for (const { child } of runs) {
    child.kill("SIGKILL");
  }
  await rm(folder, { recursive: true, force: true });
});

function start(args: readonly string[], environment: Record<string, string> = {}): Run {
  const outputsFile = join(folder, `outputs-${runs.length}.json`);
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(ROOT, "local", "start.ts"), "--fresh", ...args],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        PORT: "0",
        ISSUER_PORT: "0",
        PAGE_PORT: "0",
        LOCAL_OUTPUTS: outputsFile,
        PATH: `${folder}:${process.env["PATH"] ?? ""}`,
        OPENED: openedFile(outputsFile),
        TMPDIR: folder,
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let text = "";
  const keep = (chunk: Buffer) => (text += chunk.toString("utf8"));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const run = { child, outputsFile, output: () => text, exit };
  runs.push(run);
  return run;
}

function openedFile(outputsFile: string): string {
  return `${outputsFile}.opened`;
}

async function printed(run: Run, text: string): Promise<void> {
  while (!run.output().includes(text)) {
    if (run.child.exitCode !== null) {
      throw new Error(run.output());
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function ready(run: Run): Promise<Outputs> {
  await printed(run, "Ctrl-C ends everything");
  return JSON.parse(readFileSync(run.outputsFile, "utf8")) as Outputs;
}

onLinux(
  "the page's address is printed and, if asked for, opened by the system's own command",
  async () => {
    const run = running.get("SIGINT")!;
    const { pageUrl } = await ready(run);
    expect(run.output()).toMatch(new RegExp(`^ +Page +${pageUrl}$`, "m"));
    const file = openedFile(run.outputsFile);
    while (!existsSync(file)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(readFileSync(file, "utf8")).toBe(pageUrl);
  },
);

onLinux.each(SIGNALS)("%s ends everything that was started", async (signal) => {
  const run = running.get(signal)!;
  const outputs = await ready(run);
  expect(statSync(run.outputsFile).mode & 0o777).toBe(0o600);
  expect(outputs).toMatchObject({ pid: run.child.pid, region: "us-east-1" });
  const page = await fetch(outputs.pageUrl);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(outputs.apiUrl)]);
  const started = descendants(run.child.pid!);
  expect(started.length).toBeGreaterThan(0);

  run.child.kill(signal);
  const code = await run.exit;
  expect(await allGone(started)).toBe(true);
  if (signal !== "SIGKILL") {
    expect(code).toBe(0);
    expect(() => statSync(run.outputsFile)).toThrow("ENOENT");
  }
  expect(existsSync(openedFile(run.outputsFile))).toBe(signal === "SIGINT");
});

onLinux("SIGTERM in the middle of a start ends that start, too", async () => {
  const run = start([]);
  await printed(run, "Local Rollup ID");
  const started = descendants(run.child.pid!);
  run.child.kill("SIGTERM");
  expect([await run.exit, await allGone(started)]).toEqual([0, true]);
  expect(existsSync(run.outputsFile)).toBe(false);
});

test("the tour in one go ends with 0 and shows no secret in full", async () => {
  expect([await touring.exit, touring.output()]).toEqual([
    0,
    expect.stringContaining("the tour is complete"),
  ]);
  expect(touring.output()).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
});

test.each(["PORT", "ISSUER_PORT", "PAGE_PORT"])(
  "a taken %s is one sentence that names it",
  async (name) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const run = start([], { [name]: String(port) });
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain(
      `port ${port} is taken: set ${name} to another one, or \`${name}=0`,
    );
    taken.close();
  },
);

test.each([
  [["--frehs"], {}, "Unknown option '--frehs'"],
  [[], { PORT: "http" }, "PORT must be a port number"],
  [["--issuer", "https://id.example"], {}, "--issuer needs --client-id"],
  [
    ["--issuer", "http://127.0.0.1:9/realms/x", "--client-id", "app"],
    { CLIENT_SECRET: "secret" },
    "the provider's discovery document cannot be reached",
  ],
])("wrong input %j %j: a sentence and exit code 1", async (args, environment, sentence) => {
  const run = start(args, environment);
  expect([await run.exit, run.output()]).toEqual([1, expect.stringContaining(sentence)]);
  expect(existsSync(run.outputsFile)).toBe(false);
});

test("beside another issuer nothing starts without its client secret", async () => {
  const provider = await startProviderServer("/realms/x");
  const run = start(["--issuer", provider.issuer, "--client-id", "app"], { CLIENT_SECRET: "" });
  expect([await run.exit, run.output()]).toEqual([
    1,
    expect.stringContaining("set CLIENT_SECRET: this is no terminal at which to ask for it"),
  ]);
  expect(existsSync(dataFolderFor({ outside: { issuer: provider.issuer, clientId: "app" } }))).toBe(
    false,
  );
  await provider.close();
});
